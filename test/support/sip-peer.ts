/** The `SipPeer` of `sipxrest/testing`, under the names that the project's tests use. */
export {
  SipPeer,
  type PeerReply as Reply,
  type PeerRequest as Request,
  type ReceivedMessage as Received,
} from '../../testing/sip-peer.js';
