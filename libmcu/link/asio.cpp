// SPDX-License-Identifier: MIT
// The one place where Asio itself is compiled (BOOST_ASIO_SEPARATE_COMPILATION): 5 s once instead
// of 1 s in every source that waits.
#include <utility> // Boost 1.74's awaitable.hpp forgets it

#include <boost/asio/impl/src.hpp>
