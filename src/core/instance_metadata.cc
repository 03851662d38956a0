#include "core/instance_metadata.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <optional>

#include "cuda/error.h"

namespace crisp {
namespace {

constexpr size_t kLongestAnswer = 8192;

struct Endpoint {
  std::string address = "169.254.169.254";
  uint16_t port = 80;
};

Endpoint endpoint() {
  Endpoint out;
  const char* given = std::getenv("AWS_EC2_METADATA_SERVICE_ENDPOINT");
  if (!given || *given == 0) return out;
  std::string text = given;
  constexpr std::string_view kScheme = "http://";
  if (text.starts_with(kScheme)) text.erase(0, kScheme.size());
  while (text.ends_with('/')) text.pop_back();
  const size_t colon = text.find(':');
  out.address = text.substr(0, colon);
  if (colon == std::string::npos) return out;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + colon + 1, end, out.port);
  CRISP_REQUIRE(error == std::errc() && stop == end, Code::config, "AWS_EC2_METADATA_SERVICE_ENDPOINT ",
                given, ": expected http://ADDRESS:PORT");
  return out;
}

/// Closes itself.
class Connection {
 public:
  explicit Connection(const Endpoint& to) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const timeval limit{1, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);  // connect() keeps to it too
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(to.port);
    const bool valid = ::inet_pton(AF_INET, to.address.c_str(), &address.sin_addr) == 1;
    if (valid && ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return;
    ::close(socket_);
    fail(Code::unavailable, "no metadata service at ", to.address, ":", to.port);
  }
  ~Connection() { ::close(socket_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  std::string ask(const std::string& request) {
    if (::send(socket_, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size()))
      return "";
    std::string answer;
    char buffer[1024];
    for (ssize_t got;
         answer.size() < kLongestAnswer && (got = ::recv(socket_, buffer, sizeof buffer, 0)) > 0;) {
      answer.append(buffer, static_cast<size_t>(got));
    }
    return answer;
  }

 private:
  int socket_;
};

/// The body of a "200" answer; nothing for any other answer, Code::unavailable for none.
std::optional<std::string> request(const Endpoint& to, const std::string& method_and_path, const std::string& header) {
  const std::string answer = Connection(to).ask(
      concat(method_and_path, " HTTP/1.0\r\nHost: ", to.address, "\r\n", header, "\r\n\r\n"));
  const size_t body = answer.find("\r\n\r\n"), status = answer.find(' ');
  CRISP_REQUIRE(answer.starts_with("HTTP/1.") && body != std::string::npos, Code::unavailable,
                "the metadata service at ", to.address, " did not answer");
  if (answer.compare(status + 1, 3, "200") != 0) return std::nullopt;
  return answer.substr(body + 4);
}

/// The body under /latest/meta-data/, nothing where there is none.
std::optional<std::string> metadata(const std::string& path) {
  const Endpoint to = endpoint();
  const auto token =
      request(to, "PUT /latest/api/token", "X-aws-ec2-metadata-token-ttl-seconds: 60\r\nContent-Length: 0");
  CRISP_REQUIRE(token && token->find_first_of("\r\n") == std::string::npos, Code::unavailable,
                "the metadata service at ", to.address, " gave no token");
  return request(to, concat("GET /latest/meta-data/", path), concat("X-aws-ec2-metadata-token: ", *token));
}

}  // namespace

std::string ec2_instance_type() {
  const auto type = metadata("instance-type");
  CRISP_REQUIRE(type.has_value(), Code::unavailable, "the metadata service knows no instance type");
  return *type;
}

bool ec2_spot_notice() { return metadata("spot/instance-action").has_value(); }

}  // namespace crisp
