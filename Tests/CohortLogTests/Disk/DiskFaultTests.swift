import CohortLog
import Glibc
import Synchronization
import TestSupport
import Testing

/// That the simulated disk breaks as planned, so that what is tested against it is tested.
@Suite struct `A planned fault` {
  private let old = [UInt8](repeating: 0x11, count: 1_024)
  private let new = [UInt8](repeating: 0x22, count: 1_024)

  private func prepared(
    seed: UInt64 = 0, capacity: Int? = nil
  ) throws -> (disk: SimulatedDisk, file: Descriptor) {
    let disk = SimulatedDisk(seed: seed, capacity: capacity)
    try disk.place(old, at: "/a")
    return (disk, try disk.open("/a", .readAndWrite))
  }

  @Test func `hits the call it names, as often as it says, and no other`() throws {
    for (nth, times) in [(1, 1), (3, 1), (2, 3)] {
      let (disk, file) = try prepared()
      disk.inject(.error(EIO), on: .write, of: "a", at: nth, times: times)
      let other = try disk.open("/b", .create)
      for number in 1...6 {
        try disk.write(new, to: other, at: 0)
        _ = try disk.read(file, at: 0, count: 1)
        let isHit = number >= nth && number < nth + times
        let error = failure { () throws(DiskError) in try disk.write(new, to: file, at: 0) }
        #expect(error == (isHit ? DiskError(.write, errno: EIO, path: "/a") : nil))
      }
    }
  }

  @Test func `does nothing when a call fails`() throws {
    let (disk, file) = try prepared()
    disk.inject(.error(ENOSPC), times: .max)
    let failures = [
      failure { () throws(DiskError) in try disk.write(new, to: file, at: 0) },
      failure { () throws(DiskError) in try disk.truncate(file, to: 0) },
      failure { () throws(DiskError) in try disk.unlink("/a") },
      failure { () throws(DiskError) in try disk.rename("/a", to: "/b") },
      failure { () throws(DiskError) in try disk.makeDirectory("/c") },
    ]
    #expect(failures.allSatisfy { $0?.errno == ENOSPC })
    disk.repair()
    #expect(try disk.list("/") == ["a"])
    #expect(disk.contents(of: "/a") == old)
    #expect(!disk.isPending)
  }

  @Test func `of a sync keeps the pages, so that the next one can succeed`() throws {
    let (disk, file) = try prepared()
    try disk.write(new, to: file, at: 0)
    disk.inject(.error(EIO), on: .sync)
    let error = failure { () throws(DiskError) in try disk.sync(file) }
    #expect(error == DiskError(.sync, errno: EIO, path: "/a"))
    try disk.sync(file)
    #expect(disk.durableContents(of: "/a") == new)
  }

  @Test func `of a sync that drops its pages lets the next one lie`() throws {
    var found: Set<[UInt8]> = []
    for seed in 0..<200 as Range<UInt64> {
      let (disk, file) = try prepared(seed: seed)
      try disk.write(new, to: file, at: 0)
      disk.inject(.syncFailsAndDrops, on: .sync)
      #expect(failure { () throws(DiskError) in try disk.sync(file) }?.errno == EIO)
      try disk.sync(file)
      #expect(try disk.read(file, at: 0, count: 1_024) == new, "the reader sees what is not there")

      let evicted = disk.copy()
      evicted.evict()
      disk.crash(seed: 1)
      #expect(evicted.contents(of: "/a") == disk.contents(of: "/a"))
      found.insert(try #require(disk.contents(of: "/a")))
    }
    let half = [UInt8](old.prefix(512)), other = [UInt8](new.prefix(512))
    #expect(found == [old, half + other, other + half, new])
  }

  @Test func `of a sync that comes late is told by the next one, once`() throws {
    let (disk, file) = try prepared()
    try disk.write(new, to: file, at: 0)
    disk.inject(.syncFailsLate, on: .sync)
    try disk.sync(file)
    #expect(failure { () throws(DiskError) in try disk.sync(file) }?.errno == EIO)
    try disk.sync(file)
  }

  @Test func `loses a write that seemed to arrive`() throws {
    let (disk, file) = try prepared()
    disk.inject(.writeFate(.lost), on: .write)
    try disk.write(new, to: file, at: 0)
    try disk.sync(file)
    #expect(disk.contents(of: "/a") == new)
    disk.crash(seed: 1)
    #expect(disk.contents(of: "/a") == old)
  }

  @Test func `puts a write where another belongs`() throws {
    let (disk, file) = try prepared()
    disk.inject(.writeFate(.misdirected(by: -512)), on: .write)
    try disk.write(Array(new.prefix(512)), to: file, at: 512)
    try disk.sync(file)
    #expect(disk.contents(of: "/a") == Array(old.prefix(512) + new.prefix(512)))
    disk.evict()
    #expect(disk.contents(of: "/a") == Array(new.prefix(512) + old.prefix(512)))
  }

  @Test func `turns one bit over: on the way in, on the way out, or while it lies there`() throws {
    for bit in [0, 7, 8, 1_024 * 8 - 1] {
      var flipped = new
      flipped[bit / 8] ^= 1 << UInt8(bit % 8)

      let (written, file) = try prepared()
      written.inject(.writeFate(.flipped(bit: bit)), on: .write)
      try written.write(new, to: file, at: 0)
      #expect(written.contents(of: "/a") == flipped)

      let (read, sameFile) = try prepared()
      try read.write(new, to: sameFile, at: 0)
      read.inject(.misreads(bit: bit), on: .read)
      #expect(try read.read(sameFile, at: 0, count: 1_024) == flipped)
      #expect(try read.read(sameFile, at: 0, count: 1_024) == new)

      try read.sync(sameFile)
      try read.rot("/a", bit: bit)
      #expect(read.contents(of: "/a") == flipped)
      #expect(read.durableContents(of: "/a") == flipped)
    }
  }

  @Test func `fills the disk, and making room ends it`() throws {
    let disk = SimulatedDisk(capacity: 3 * 4_096)
    let (first, second) = (try disk.open("/a", .create), try disk.open("/b", .create))
    try disk.write([1], to: first, at: 5_000)
    #expect(try disk.freeSpace(at: "/") == 2 * 4_096, "what was never written takes no room")

    let big = [UInt8](repeating: 2, count: 10_000)
    let error = failure { () throws(DiskError) in try disk.write(big, to: second, at: 0) }
    #expect(error == DiskError(.write, errno: ENOSPC, path: "/b"))
    #expect(try disk.size(of: second) == 8_192, "as much as fitted was written")
    #expect(try disk.freeSpace(at: "/") == 0)
    try disk.write([3], to: second, at: 4_000)

    try disk.unlink("/a")
    #expect(try disk.freeSpace(at: "/") == 0, "an open file takes its room still")
    try disk.close(first)
    try disk.write(big, to: second, at: 0)
    try disk.truncate(second, to: 100)
    #expect(try disk.freeSpace(at: "/") == 2 * 4_096)
    disk.capacity = 0
    #expect(failure { () throws(DiskError) in try disk.write([1], to: second, at: 9_000) } != nil)
  }

  @Test func `turns the power off at any call, until the machine is started again`() throws {
    func script(_ disk: SimulatedDisk) throws(DiskError) {
      let file = try disk.open("/a", .create)
      guard try disk.lock(file) else { return }
      for number in 0..<3 {
        try disk.write(new, to: file, at: number * 1_024)
        try disk.sync(file)
      }
      try disk.syncDirectory("/")
      try disk.close(file)
    }
    let whole = SimulatedDisk()
    try script(whole)
    for number in 1...whole.operations {
      let disk = SimulatedDisk(seed: UInt64(number))
      disk.inject(.powerLoss, at: number)
      let error = failure { () throws(DiskError) in try script(disk) }
      #expect(error?.isPowerLoss == true, "\(disk.trace)")
      #expect(disk.operations == number)
      #expect(disk.isDown)
      #expect(failure { () throws(DiskError) in try disk.list("/") }?.isPowerLoss == true)
      disk.restart()
      #expect(!disk.isDown)
      try script(disk)
      #expect(disk.contents(of: "/a") == new + new + new)
    }
    #expect(!DiskError(.write, errno: EIO, path: "/a").isPowerLoss)
  }

  @Test func `turns the power off by chance, sooner while something is pending`() throws {
    func calls(whilePending: Bool) throws -> Int {
      var total = 0
      for seed in 0..<40 as Range<UInt64> {
        let (disk, file) = try prepared(seed: seed)
        if whilePending { try disk.write(new, to: file, at: 0) }
        disk.losePower(onceIn: 200)
        while failure(of: { () throws(DiskError) in try disk.size(of: file) }) == nil { total += 1 }
      }
      return total
    }
    #expect(try calls(whilePending: true) * 4 < calls(whilePending: false))
  }

  @Test func `of one disk leaves its copy alone`() throws {
    let (disk, file) = try prepared()
    let copy = disk.copy()
    disk.inject(.error(EIO), times: .max)
    try copy.write(new, to: file, at: 0)
    #expect(disk.contents(of: "/a") == old)
    copy.crash(seed: 0)
    #expect(disk.openFiles == 1)
    #expect(copy.openFiles == 0)
  }

  @Test func `lets a test look on before every call`() throws {
    let seen = Calls()
    let disk = SimulatedDisk(before: { call, path in seen.note("\(call) \(path)") })
    let file = try disk.open("/a", .create)
    try disk.write([1], to: file, at: 0)
    try disk.close(file)
    #expect(seen.notes == ["open /a", "status /a", "write /a", "close /a"])
  }
}

private final class Calls: Sendable {
  private let list = Mutex<[String]>([])
  var notes: [String] { list.withLock { $0 } }
  func note(_ text: String) { list.withLock { $0.append(text) } }
}
