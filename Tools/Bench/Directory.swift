import CohortLedger
import CohortModel
import Glibc

/// What the identities of a million users cost: to write, to find, to keep, to read again.
func benchDirectory() {
  printMemory(idLength: 13)  // first: what was freed before would hide what is taken
  for length in [13, 36] {
    var directory = Directory(hashSeed: 0x5EED)
    directoryTime("introduce 1 M users with \(length)-byte ids, a copy kept every 10,000", 1 << 20)
    {
      directory = filledDirectory(idLength: length)
      return directory.userCount
    }
    benchResolve(directory, idLength: length)
    benchSnapshot(directory, idLength: length)
  }
  benchScattered()
}

/// 2^20 users, each with one external id, written in groups of 10,000 under a reader's eyes.
private func filledDirectory(idLength: Int) -> Directory {
  var directory = Directory(hashSeed: 0x5EED)
  var published = directory
  var text = [UInt8](repeating: 0, count: idLength)
  for number in 0..<(1 << 20) {
    write(number, into: &text)
    let position = Position(UInt64(number + 1))
    let user = directory.createUser(at: position)
    _ = directory.introduce(.externalID, text.span, bearer: user, at: position)
    if number % 10_000 == 9_999 { published = directory }
  }
  precondition(published.userCount > 0)
  return directory
}

/// An id as customers have them: a prefix, and digits that look random.
private func write(_ number: Int, into text: inout [UInt8]) {
  var rest = UInt64(truncatingIfNeeded: number) &* 0x9E37_79B9_7F4A_7C15
  for index in text.indices {
    text[index] = 0x30 + UInt8(truncatingIfNeeded: rest & 15)
    rest = rest >> 4 | rest << 60
    if index == 7 || index == 15 { rest ^= UInt64(truncatingIfNeeded: number) }
  }
}

private func benchResolve(_ directory: Directory, idLength: Int) {
  // 1,000 bodies of 1,000 random ids each, as imports bring them.
  var state: UInt64 = 42
  let bodies = (0..<1000).map { _ -> (bytes: [UInt8], ranges: [TextRange]) in
    var (bytes, ranges): ([UInt8], [TextRange]) = ([], [])
    var text = [UInt8](repeating: 0, count: idLength)
    for _ in 0..<1000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      write(Int(state >> 44), into: &text)
      bytes += [0x22]
      ranges.append(TextRange(start: UInt32(bytes.count), count: UInt32(idLength)))
      bytes += text + [0x22, 0x2C]
    }
    return (bytes, ranges)
  }
  var scratch = ResolutionScratch(prefetch: processorPrefetch)
  var results: [Resolution] = []
  directoryTime("resolve \(idLength)-byte ids, batches of 1,000 of 1 M users", 1_000_000) {
    var sum = 0
    for body in bodies {
      directory.resolve(
        body.ranges.span, of: body.bytes.span, as: .externalID, into: &results, using: &scratch)
      for result in results { sum &+= Int(result.user.rawValue) }
    }
    return sum
  }
  directoryTime("resolve unknown \(idLength)-byte ids", 1_000_000) {
    for body in bodies {
      directory.resolve(
        body.ranges.span, of: body.bytes.span, as: .device, into: &results, using: &scratch)
    }
    precondition(results[0] == .nobody)
    return 1
  }
  directoryTime("find \(idLength)-byte ids one by one", 100_000) {
    var sum = 0
    for body in bodies.prefix(100) {
      for range in body.ranges {
        let text = body.bytes.span.extracting(
          Int(range.start)..<Int(range.start) + Int(range.count))
        sum &+= Int(directory.identifier(.externalID, text)?.rawValue ?? 0)
      }
    }
    return sum
  }
}

private func benchSnapshot(_ directory: Directory, idLength: Int) {
  var bytes: [UInt8] = []
  directoryTime("write a snapshot of 1 M users", 1 << 20) {
    bytes.removeAll(keepingCapacity: true)
    directory.append(to: &bytes)
    return bytes.count
  }
  print("  \(directoryTenths(Double(bytes.count) / Double(1 << 20))) bytes a user")
  directoryTime("read it, checks and slot table included", 1 << 20) {
    var offset = 0
    let copy = try? Directory(from: bytes.span, at: &offset, hashSeed: 7)
    return copy?.userCount ?? 0
  }
}

/// One identifier of a random user changes, and the whole is published: a group of one.
private func benchScattered() {
  let start = filledDirectory(idLength: 13)
  var directory = start
  var published = start
  var state: UInt64 = 7
  var place: UInt64 = 1 << 21
  directoryTime("rename the id of a random user and publish", 10_000) {
    for _ in 0..<10_000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let id = IdentifierID(UInt32(state >> 44) + 1)
      place += 1
      let user = UserID(id.rawValue)
      let role: IdentifierRole = directory.bearer(of: id)?.role == .primary ? .deprecated : .primary
      directory.transfer(id, to: user, role: role, at: Position(place))
      published = directory
    }
    return published.userCount
  }
}

/// What the process holds more while a directory of a million users lives, as the kernel counts.
private func printMemory(idLength: Int) {
  let before = residentBytes()
  let directory = filledDirectory(idLength: idLength)
  let summed = Double(directory.allocatedBytes) / Double(1 << 20)
  let resident = Double(residentBytes() - before) / Double(1 << 20)
  withExtendedLifetime(directory) {}
  print(
    "memory with \(idLength)-byte ids: \(directoryTenths(summed)) bytes a user summed,",
    "\(directoryTenths(resident)) resident")
}

private func residentBytes() -> Int {
  guard let file = unsafe fopen("/proc/self/statm", "r") else { return 0 }
  defer { unsafe fclose(file) }
  var buffer = [UInt8](repeating: 0, count: 256)
  let count = unsafe fread(&buffer, 1, buffer.count, file)
  let fields = String(decoding: buffer.prefix(count), as: UTF8.self).split(separator: " ")
  return fields.count > 1 ? (Int(fields[1]) ?? 0) * Int(getpagesize()) : 0
}

/// Prints the medians of three runs of more than a second each, divided by `count`: by the clock,
/// and of processor time, which says the same unless somebody else was using the machine.
private func directoryTime(_ name: String, _ count: Int, _ body: () -> Int) {
  let clock = ContinuousClock()
  var check = 0
  func run(_ calls: Int) -> (wall: Double, processor: Double) {
    let before = processorSeconds()
    let wall = clock.measure { for _ in 0..<calls { check &+= body() } } / .seconds(1)
    return (wall, processorSeconds() - before)
  }
  let calls = Int(1.1 / run(1).wall) + 1
  let runs = (0..<3).map { _ in run(calls) }
  precondition(check != 0, "the optimizer removed the work")
  func median(_ values: [Double]) -> String {
    directoryTenths(values.sorted()[1] * 1e9 / Double(calls) / Double(count))
  }
  print("\(name): \(median(runs.map(\.wall))) ns each, processor \(median(runs.map(\.processor)))")
}

private func processorSeconds() -> Double {
  var time = timespec()
  unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

private func directoryTenths(_ value: Double) -> String {
  let tenths = Int(value * 10 + 0.5)
  return "\(tenths / 10).\(tenths % 10)"
}
