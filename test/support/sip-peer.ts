/** The peer that authors of plugins get, by the names that the tests of the project use. */
export {
  SipPeer,
  type PeerReply as Reply,
  type PeerRequest as Request,
  type ReceivedMessage as Received,
} from '../../testing/sip-peer.js';
