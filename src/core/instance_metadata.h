/// The metadata service of an EC2 instance.
#pragma once

#include <string>

namespace crisp {

/// The type of this instance ("g5.xlarge") by IMDSv2, within two seconds. Code::unavailable where nothing
/// answers. The service is at 169.254.169.254, or where AWS_EC2_METADATA_SERVICE_ENDPOINT says
/// (http://ADDRESS:PORT), as for AWS's own tools.
std::string ec2_instance_type();

/// Whether EC2 has said that it will take this spot instance back (two minutes before it does). Errors as above.
bool ec2_spot_notice();

}  // namespace crisp
