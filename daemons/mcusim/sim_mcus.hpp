// SPDX-License-Identifier: MIT
// The factories that the registry names.
#pragma once

#include <mcusim/sim_mcu.hpp>

namespace mcusim {

std::unique_ptr<SimMcu> make_sim_wt61p803(const McuOptions& options, Time start);
std::unique_ptr<SimMcu> make_sim_dns320l(const McuOptions& options, Time start);
std::unique_ptr<SimMcu> make_sim_wd_mirror_gen2(const McuOptions& options, Time start);

} // namespace mcusim
