/// Processes that meet over the network: c10d's Gloo.
#pragma once

#include <memory>

#include "core/processes.h"
#include "train/peers.h"

namespace crisp::nn {

/// Waits until all of them are there, five minutes at most. CRISP_PEER_TIMEOUT: seconds after which a silent process counts as lost
/// (1800). GLOO_SOCKET_IFNAME: interfaces to use, as in PyTorch. Code::unavailable where they do not meet, or this build has no Gloo.
std::unique_ptr<Peers> connect_peers(const Processes& all);

}  // namespace crisp::nn
