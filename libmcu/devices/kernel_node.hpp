// SPDX-License-Identifier: MIT
// Where a device of the kernel hangs now, or why it does not, and its small files by way of a
// Worker.
#pragma once

#include <libmcu/devices/device.hpp>
#include <libmcu/devices/kernel_side.hpp>

#include <functional>
#include <string>
#include <utility>

namespace mcu {

/// "sensor cpu: PATH: cannot read: Input/output error".
inline Error about(const std::string& device, Error error) {
  return {error.code, device + ": " + error.what};
}

/// A reading in thousandths of a degree. What no box can have is a `protocol` error.
inline Result<Celsius> celsius_of(long long millidegrees) {
  if (millidegrees < -40'000 || millidegrees > 120'000)
    return Error{Errc::protocol, "an impossible reading, " + std::to_string(millidegrees) +
                                     " thousandths of a degree (-40 to 120 degrees can be)"};
  return Celsius{static_cast<double>(millidegrees) / 1000};
}

/// A folder of sysfs that was found by name. A device has one for each thing it hangs on, calls
/// place() in its refresh(), and reads and writes through it. All but the jobs runs in the loop.
///
/// Input and output use the path behind the class's link (/sys/devices/...): when hwmon3 goes and
/// another chip becomes hwmon3, the old path is gone instead of leading to the wrong chip.
class KernelNode {
public:
  /// `worker` is one of side's; null: side.worker. The side outlives the node.
  explicit KernelNode(KernelSide& side, Worker* worker = nullptr)
      : side_(side), worker_(worker != nullptr ? *worker : side.worker) {}

  /// What a find_...() said. An error's words become the reason.
  void place(Result<std::string> found) {
    node_ = std::move(found);
    real_ = node_ ? side_.files->resolve(*node_) : std::string();
    if (node_ && real_.empty()) real_ = *node_;
  }
  /// Forgets it: for close().
  void leave() { place(Error{Errc::unsupported, "not looked for yet"}); }

  bool present() const { return node_.ok(); }
  Availability availability() const {
    return present() ? Availability{true, ""} : Availability{false, node_.error().what};
  }
  /// "ROOT/sys/class/hwmon/hwmon3": for words and loans. Precondition: present().
  const std::string& path() const { return *node_; }
  KernelSide& side() const { return side_; }

  /// Runs `work` with the folder's path in the worker's thread; T is a Result. The work refers to
  /// nothing but its arguments and what it owns. When it finds the folder gone, everybody looks
  /// again.
  template <class T>
  Task<T> run(std::function<T(const Files& files, const std::string& node)> work) {
    if (!node_) co_return node_.error();
    const std::string node = real_;
    std::function<T()> job = [files = side_.files, node, work = std::move(work)] {
      return work(*files, node);
    };
    T result = co_await worker_.template run<T>(std::move(job));
    if (!result) check(node, result.error());
    co_return result;
  }

  /// A file of the folder.
  Task<Result<std::string>> read(std::string file) {
    return run<Result<std::string>>(
        [file = std::move(file)](const Files& files, const std::string& node) {
          return files.read(node + "/" + file);
        });
  }
  Task<Result<long long>> number(std::string file) {
    return run<Result<long long>>(
        [file = std::move(file)](const Files& files, const std::string& node) {
          return files.number(node + "/" + file);
        });
  }
  Task<Status> write(std::string file, std::string text) {
    return run<Status>([file = std::move(file), text = std::move(text)](const Files& files,
                                                                        const std::string& node) {
      return files.write(node + "/" + file, text);
    });
  }

private:
  /// A file that is missing from a folder that is there is no news; a folder that went is.
  void check(const std::string& node, const Error& error) {
    if (error.code != Errc::unsupported || side_.files->exists(node)) return;
    if (side_.look_again) side_.look_again();
  }

  KernelSide& side_;
  Worker& worker_;
  Result<std::string> node_ = Error{Errc::unsupported, "not looked for yet"};
  std::string real_; ///< what node_ is behind its links
};

} // namespace mcu
