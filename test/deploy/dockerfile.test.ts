import { cp, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { type Copy, DockerfileParser, type Entrypoint, type Instruction } from 'dockerfile-ast';
import { validate } from 'dockerfile-utils';
import { startContainer } from '../support/container.js';
import { installationTimeoutMs, projectFolder, runProgram } from '../support/installation.js';

describe('The Dockerfile', function () {
  this.timeout(installationTimeoutMs);

  let text: string;
  let steps: Instruction[];
  let root: string;

  before(async () => {
    text = await readFile(join(projectFolder, 'deploy/docker/Dockerfile'), 'utf8');
    steps = DockerfileParser.parse(text).getInstructions();
    root = await mkdtemp(join(tmpdir(), 'sipxrest-image-'));
  });

  after(() => rm(root, { recursive: true, force: true }));

  it('has nothing that a linter minds, and runs as another user than root', () => {
    expect(validate(text).map(({ message }) => message)).to.deep.equal([]);
    expect(argumentsOf('USER')).to.deep.equal(['node']);
  });

  it('makes a container that serves, step by step in empty folders', async () => {
    const context = join(root, 'context');
    await copyContext(context);
    await takeSteps(context);
    const [command, ...args] = (steps.find(isEntrypoint) as Entrypoint)
      .getJSONStrings()
      .map((each) => each.getJSONValue());
    expect([command, args.at(-1)]).to.deep.equal(['node', '/opt/sipxrest/dist/container/main.js']);
    const container = await startContainer({}, { NODE_ENV: 'production' }, inRoot(args.at(-1) ?? ''));
    expect((await container.get('/healthz')).status).to.equal(200);
    await container.stop();
  });

  async function takeSteps(context: string): Promise<void> {
    let folder = root;
    for (const step of steps) {
      const what = step.getArgumentsContent() ?? '';
      if (step.getKeyword() === 'WORKDIR') await mkdir((folder = inRoot(what)), { recursive: true });
      if (step.getKeyword() === 'RUN') await runProgram('sh', ['-c', what], folder);
      if (step.getKeyword() === 'COPY') await copy(step as Copy, context, folder);
    }
  }

  async function copy(step: Copy, context: string, folder: string): Promise<void> {
    const paths = step.getArguments().map((each) => each.getValue());
    const target = join(folder, paths.at(-1) ?? '');
    const isFromStage = step.getFromFlag() !== null;
    const isInto = (paths.at(-1) ?? '').endsWith('/');
    for (const path of paths.slice(0, -1)) {
      const source = isFromStage ? inRoot(path) : join(context, path);
      await cp(source, isInto ? join(target, path.split('/').at(-1) ?? '') : target, { recursive: true });
    }
  }

  function inRoot(path: string): string {
    return join(root, path);
  }

  function argumentsOf(keyword: string): (string | null)[] {
    return steps.filter((step) => step.getKeyword() === keyword).map((step) => step.getArgumentsContent());
  }
});

/** What `docker build` sends: the files of the repository. */
async function copyContext(context: string): Promise<void> {
  const files = (await runProgram('git', ['ls-files', '-z'], projectFolder)).split('\0').filter(Boolean);
  for (const file of files) {
    await mkdir(dirname(join(context, file)), { recursive: true });
    await cp(join(projectFolder, file), join(context, file));
  }
}

function isEntrypoint(step: Instruction): boolean {
  return step.getKeyword() === 'ENTRYPOINT';
}
