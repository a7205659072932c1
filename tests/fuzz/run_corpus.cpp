// SPDX-License-Identifier: MIT
// fuzz-NAME FILE|FOLDER...              runs the target on each file, and on its own seeds
// fuzz-NAME --write DEST FILE|FOLDER... writes them as plain bytes into DEST, for libFuzzer
#include "seed_file.hpp"

#include <iostream>

namespace {

namespace fs = std::filesystem;

struct Seed {
  std::string name;
  fuzz::Bytes bytes;
};

std::vector<Seed> collect(const std::vector<std::string>& places) {
  std::vector<fs::path> files;
  for (const std::string& place : places) {
    if (!fs::is_directory(place)) {
      files.emplace_back(place);
      continue;
    }
    for (const auto& entry : fs::directory_iterator(place))
      if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::vector<Seed> all;
  for (const fs::path& file : files) all.push_back({file.string(), fuzz::read_seed(file)});
  if (fuzz::seeds != nullptr) {
    int number = 0;
    for (fuzz::Bytes& bytes : fuzz::seeds())
      all.push_back({"own-seed-" + std::to_string(number++), std::move(bytes)});
  }
  return all;
}

void write(const fs::path& folder, const std::vector<Seed>& seeds) {
  fs::create_directories(folder);
  int number = 0;
  for (const Seed& seed : seeds) {
    std::ofstream file(folder / ("seed-" + std::to_string(number++)), std::ios::binary);
    file.write(reinterpret_cast<const char*>(seed.bytes.data()),
               static_cast<std::streamsize>(seed.bytes.size()));
    if (!file.flush()) throw std::runtime_error("cannot write into " + folder.string());
  }
}

} // namespace

int main(int argc, char** argv) {
  std::vector<std::string> words(argv + 1, argv + argc);
  try {
    const bool only_write = words.size() > 1 && words.front() == "--write";
    const std::string folder = only_write ? words[1] : "";
    if (only_write) words.erase(words.begin(), words.begin() + 2);
    const std::vector<Seed> seeds = collect(words);
    if (seeds.empty()) throw std::runtime_error("no input: a corpus that is empty tests nothing");
    if (only_write) {
      write(folder, seeds);
      return 0;
    }
    for (const Seed& seed : seeds) {
      std::cout << seed.name << std::endl; // the last one is the one that it broke on
      fuzz::run(seed.bytes);
    }
    std::cout << seeds.size() << " inputs\n";
  } catch (const std::exception& error) {
    std::cerr << "fuzz: " << error.what() << "\n";
    return 1;
  }
  return 0;
}
