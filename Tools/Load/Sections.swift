import Foundation

/// Imports at full load: 64 connections, each request answered only after its sync.
func measureImports(_ shop: Shop, seconds: Double, connections: Int) throws {
  var driver = try Driver(port: shop.port, connections: connections)
  defer { driver.close() }
  var imports = Imports(shop)
  _ = try driver.run(&imports, seconds: 2)
  imports.forget()
  let syncs = try shop.metric("cohort_syncs_total")
  let took = try driver.run(&imports, seconds: seconds)
  let synced = try shop.metric("cohort_syncs_total") - syncs
  print(
    """
    imports of 1,000 ids of \(shop.idBytes) bytes, \(shop.users) users, \
    \(connections) connections, \(rounded(took, 1)) s
      \(rounded(Double(imports.sent) / took / 1e6, 2)) M ids/s, \
    \(rounded(Double(imports.recorded) / took / 1e6, 2)) M recorded/s, \
    \(rounded(Double(driver.answered) / took, 0)) requests/s
      \(driver.times.line)
      \(rounded(synced, 0)) syncs (\(rounded(synced / took, 0))/s), \
    \(imports.refused) refused for overload, server at \(rounded(shop.memory(), 0)) MiB
    """)
}

/// One client that sends ten ids and waits: what a sync costs, and hardly more.
///
/// Before and behind it the same disk is asked what one write of a page and its sync take.
func measureLight(_ shop: Shop, seconds: Double) throws {
  var syncs = try measureDisk(shop.folder, sizes: [4_096])
  var driver = try Driver(port: shop.port, connections: 1)
  defer { driver.close() }
  var imports = Imports(shop, idsPerRequest: 10)
  _ = try driver.run(&imports, seconds: 0.5)
  _ = try driver.run(&imports, seconds: seconds)
  print("imports of 10 ids, one after another: \(driver.times.line)")
  syncs += try measureDisk(shop.folder, sizes: [4_096])
  let sync = Double(syncs.reduce(0, +)) / Double(syncs.count)
  let quotient = Double(driver.times.percentile(50)) / sync
  print(
    "  p50 is \(rounded(quotient, 2)) times that of one write of 4 KiB and its sync, "
      + "\(rounded(sync / 1e6, 2)) ms before and behind")
}

/// What the disk below can do: the times of writes of one size, each with its sync.
///
/// As the log does, it writes zeros that were written before.
///
/// - Returns: The p50 of each size, in nanoseconds.
@discardableResult
func measureDisk(_ folder: URL, sizes: [Int] = [4_096, 65_536, 1 << 20]) throws -> [UInt64] {
  let path = folder.appending(path: "disk").path
  let file = unsafe open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
  guard file >= 0 else { throw Trouble("\(path) cannot be written: errno \(errno).") }
  defer {
    close(file)
    unsafe unlink(path)
  }
  func write(_ bytes: [UInt8], at offset: Int) throws {
    let written = unsafe bytes.withUnsafeBytes {
      unsafe pwrite(file, $0.baseAddress, $0.count, off_t(offset))
    }
    guard written == bytes.count else {
      throw Trouble("The disk does not take \(bytes.count) bytes: errno \(errno).")
    }
  }
  let length = 64 << 20
  let zeros = [UInt8](repeating: 0, count: 1 << 20)
  for offset in stride(from: 0, to: length, by: zeros.count) { try write(zeros, at: offset) }
  guard fdatasync(file) == 0 else { throw Trouble("The disk does not sync: errno \(errno).") }
  var medians: [UInt64] = []
  for size in sizes {
    let bytes = [UInt8](repeating: 7, count: size)
    var times = Histogram()
    let end = nanoseconds() + 1_500_000_000
    var offset = 0
    while nanoseconds() < end {
      let start = nanoseconds()
      try write(bytes, at: offset)
      guard fdatasync(file) == 0 else { throw Trouble("The disk does not sync: errno \(errno).") }
      times.add(nanoseconds: nanoseconds() - start)
      offset = (offset + size) % length
    }
    print("write and sync of \(size / 1_024) KiB: \(times.line)")
    medians.append(times.percentile(50))
  }
  return medians
}

/// Pages of a thousand members as of past positions.
func measurePages(_ shop: Shop, seconds: Double) throws {
  let end = Int(try shop.metric("cohort_position"))
  let first = end - min(end / 2, 10_000)
  func pages(
    _ name: String, isTelling: Bool = false, _ target: @escaping (inout SplitMix) -> String
  ) throws {
    var driver = try Driver(port: shop.port, connections: 16)
    defer { driver.close() }
    var reads = Reads(shop, isTelling: isTelling, target)
    _ = try driver.run(&reads, seconds: 0.5)
    let before = shop.processorSeconds()
    let took = try driver.run(&reads, seconds: seconds)
    let after = shop.processorSeconds()
    func each(_ seconds: Double) -> String {
      "\(rounded(seconds / Double(driver.answered) * 1e6, 0)) µs"
    }
    print(
      """
      \(name): \(rounded(Double(driver.answered) / took, 0)) pages/s, \(driver.times.line)
        processor: server \(each(after.server - before.server)), \
      client \(each(after.client - before.client)) a page
      """)
  }
  func target(_ cohort: Int, _ position: Int) -> String {
    "/ledger/cohorts/hightouch/cohort-\(cohort)/members?as_of=\(position)&limit=1000"
  }
  let middle = (first + end) / 2
  try pages("pages of 1,000, 50 cohorts at one past position") { target($0.below(50), middle) }
  try pages("pages of 1,000, any of 50 cohorts at any of \(end - first) positions") {
    target($0.below(50), first + $0.below(end - first))
  }
  // The users came first.
  let imports = end - min(end, shop.users + 1_000)
  try pages("pages of 1,000, any of 50 cohorts at any of \(imports) positions") {
    target($0.below(50), end - $0.below(imports))
  }
  try pages("pages of 1,000 with identifiers, at one past position", isTelling: true) {
    target($0.below(50), middle)
  }
}

/// The feed from its beginning, some thousand events a request, and the raw log.
func measureFeed(_ shop: Shop) throws {
  let end = Int(try shop.metric("cohort_position"))
  for isTelling in [false, true] {
    var (events, bytes, seconds) = (0, 0, 0.0)
    // At most two minutes.
    while events < end, seconds < 120 {
      let identifiers = isTelling ? "&identifiers=all" : ""
      let one = try stream(
        shop, "/ledger/events?after=\(events)&limit=10000\(identifiers)", isTelling: true)
      guard one.lines > 0 else { throw Trouble("The feed ends at \(events) of \(end).") }
      events += one.lines
      bytes += one.bytes
      seconds += one.seconds
    }
    print(
      "feed of \(events) events\(isTelling ? " with identifiers" : ""): "
        + "\(rounded(Double(events) / seconds, 0)) events/s, "
        + "\(rounded(Double(bytes) / seconds / 1e6, 0)) MB/s")
  }
  var best: [Double] = []
  var size = 0
  for _ in 0..<3 {
    let one = try stream(shop, "/ledger/log", isTelling: true, countsLines: false)
    size = one.bytes
    best.append(Double(one.bytes) / one.seconds / 1e6)
  }
  print(
    "raw log of \(rounded(Double(size) / 1e6, 0)) MB: median \(rounded(best.sorted()[1], 0)) MB/s "
      + "of 3 runs")
}

/// Every member of the largest cohort, as one answer.
func measureStream(_ shop: Shop, cohort: String) throws {
  var best: [Double] = []
  var lines = 0
  for _ in 0..<3 {
    let one = try stream(shop, "/ledger/cohorts/hightouch/\(cohort)/members")
    lines = one.lines
    best.append(Double(one.lines) / one.seconds / 1e6)
  }
  print("stream of \(lines) members: median \(rounded(best.sorted()[1], 1)) M users/s of 3 runs")
}

/// Connections that only stand there.
func measureIdle(_ shop: Shop, count: Int) throws {
  let before = shop.memory()
  var sockets: [Socket] = []
  for _ in 0..<count { sockets.append(try Socket(port: shop.port)) }
  var driver = try Driver(port: shop.port, connections: 1)
  defer { driver.close() }
  var imports = Imports(shop, idsPerRequest: 10)
  _ = try driver.run(&imports, seconds: 1)
  let more = shop.memory() - before
  print(
    "\(sockets.count) idle connections: \(rounded(more, 1)) MiB more, "
      + "beside them imports of 10 ids: \(driver.times.line)")
}

/// Whether memory stays flat under load.
func measureSoak(_ shop: Shop, minutes: Int) throws {
  var driver = try Driver(port: shop.port, connections: 64)
  defer { driver.close() }
  var imports = Imports(shop)
  for minute in 1...minutes {
    imports.forget()
    let took = try driver.run(&imports, seconds: 60)
    print(
      "minute \(minute): \(rounded(Double(imports.sent) / took / 1e6, 2)) M ids/s, "
        + "\(rounded(shop.memory(), 0)) MiB")
  }
}
