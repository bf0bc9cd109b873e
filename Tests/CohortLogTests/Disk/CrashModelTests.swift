import CohortLog
import Glibc
import TestSupport
import Testing

/// What the simulated disk may leave behind when the power goes: no more and no less than the
/// design assumes of a real one.
@Suite struct `A power loss` {
  private let old = [UInt8](repeating: 0x11, count: 512)
  private let new = [UInt8](repeating: 0x22, count: 512)

  /// The files found under `path` over many crashes of copies of `disk`.
  private func outcomes(
    of disk: SimulatedDisk, at path: String = "/a", seeds: Range<UInt64> = 0..<4_000
  ) -> [[UInt8]?] {
    seeds.map { seed in
      let copy = disk.copy()
      copy.crash(seed: seed)
      return copy.contents(of: path)
    }
  }

  private func kind(_ sector: some Collection<UInt8>) -> String {
    if sector.isEmpty { return "-" }
    if Array(sector) == Array(old.prefix(sector.count)) { return "old" }
    if Array(sector) == Array(new.prefix(sector.count)) { return "new" }
    return Array(sector) == [UInt8](repeating: 0, count: sector.count) ? "zero" : "garbage"
  }

  @Test func `leaves of three sectors exactly what the model allows`() throws {
    let disk = SimulatedDisk()
    try disk.place(old + old, at: "/a")
    let file = try disk.open("/a", .readAndWrite)
    try disk.write(new + new + new, to: file, at: 0)

    var expected: Set<[String]> = []
    for first in ["old", "new"] {
      for second in ["old", "new"] {
        for third in ["-", "new", "zero", "garbage", "old"] {
          expected.insert([first, second, third])
        }
      }
    }
    let found = outcomes(of: disk).compactMap { $0 }.map { bytes in
      [0..<512, 512..<1_024, 1_024..<1_536].map { kind(bytes[$0.clamped(to: 0..<bytes.count)]) }
    }
    // "old" as the third is garbage that stood elsewhere in the file before.
    #expect(Set(found) == expected)
  }

  @Test func `leaves a sector written to three times in one of its four states`() throws {
    let disk = SimulatedDisk()
    try disk.place(old, at: "/a")
    let file = try disk.open("/a", .readAndWrite)
    var states: Set<[UInt8]> = [old]
    var bytes = old
    for (value, range) in [(1, 0..<100), (2, 50..<200), (3, 90..<512)] as [(UInt8, Range<Int>)] {
      let part = [UInt8](repeating: value, count: range.count)
      try disk.write(part, to: file, at: range.lowerBound)
      bytes.replaceSubrange(range, with: part)
      states.insert(bytes)
    }
    #expect(Set(outcomes(of: disk).compactMap { $0 }) == states)
  }

  @Test func `never changes a byte outside what was written`() throws {
    var random = SeededRandom(seed: 5)
    for _ in 0..<200 {
      let before = random.bytes(6_000)
      let disk = SimulatedDisk()
      try disk.place(before, at: "/a")
      let file = try disk.open("/a", .readAndWrite)
      let start = random.below(5_000)
      let range = start..<start + 1 + random.below(2_000)
      try disk.write(random.bytes(range.count), to: file, at: start)
      for bytes in outcomes(of: disk, seeds: 0..<20).compactMap({ $0 }) {
        #expect(Array(bytes.prefix(start)) == Array(before.prefix(start)))
        let behind = Array(before.dropFirst(range.upperBound))
        #expect(Array(bytes.dropFirst(range.upperBound).prefix(behind.count)) == behind)
      }
    }
  }

  @Test func `without powersafe overwrite spoils neighbours in the same 4 KiB and no others`()
    throws
  {
    let disk = SimulatedDisk(isPowersafe: false)
    let before = SeededRandom.bytes(16_384, seed: 3)
    try disk.place(before, at: "/a")
    let file = try disk.open("/a", .readAndWrite)
    try disk.write(new, to: file, at: 5_120)
    var spoiled: Set<Int> = []
    for bytes in outcomes(of: disk, seeds: 0..<400).compactMap({ $0 }) where bytes != before {
      for sector in 0..<32 where sector != 10 {
        let range = sector * 512..<sector * 512 + 512
        if Array(bytes[range]) != Array(before[range]) { spoiled.insert(sector) }
      }
    }
    #expect(spoiled == Set([8, 9, 11, 12, 13, 14, 15]))
  }

  @Test func `keeps the size apart from the data`() throws {
    let disk = SimulatedDisk()
    let file = try disk.open("/a", .create)
    try disk.syncDirectory("/")
    try disk.write([UInt8](repeating: 0x22, count: 600), to: file, at: 0)
    let found = outcomes(of: disk).compactMap { $0 }
    #expect(Set(found.map(\.count)) == [0, 512, 600])
    #expect(found.contains { $0.count == 600 && $0.allSatisfy { $0 == 0 } })
    #expect(found.contains { $0.count == 600 && $0.allSatisfy { $0 == 0x22 } })
  }

  @Test func `brings back what an unsynced cut took away, and never what a synced one did`() throws
  {
    let disk = SimulatedDisk()
    try disk.place(old + old + old, at: "/a")
    let file = try disk.open("/a", .readAndWrite)
    try disk.truncate(file, to: 512)
    let synced = disk.copy()
    try synced.sync(file)
    for disk in [disk, synced] { try disk.write(new.dropLast(12) + [], to: file, at: 512) }

    let back = outcomes(of: disk).compactMap { $0 }
    #expect(back.contains(old + new.dropLast(12)))
    #expect(back.contains(old + old + old), "nothing arrived")
    #expect(back.contains(old + new.dropLast(12) + [UInt8](repeating: 0, count: 12) + old))
    for bytes in outcomes(of: synced).compactMap({ $0 }) {
      #expect(bytes.count <= 1_012, "the cut is durable")
    }
  }

  @Test func `takes nothing that was synced, whatever the seed`() throws {
    let disk = SimulatedDisk()
    let file = try disk.open("/a", .create)
    try disk.write(old + new, to: file, at: 0)
    #expect(disk.isPending)
    try disk.sync(file)
    try disk.syncDirectory("/")
    #expect(!disk.isPending)
    #expect(Set(outcomes(of: disk)) == [old + new])
  }

  @Test func `takes the name of a file whose data is safe, until the directory is synced`() throws {
    let disk = SimulatedDisk()
    let file = try disk.open("/a", .create)
    try disk.write(old, to: file, at: 0)
    try disk.sync(file)
    #expect(Set(outcomes(of: disk)) == [nil, old])
    try disk.syncDirectory("/")
    #expect(Set(outcomes(of: disk)) == [old])
  }

  @Test func `leaves a replaced file as the old or the new one, and the new one perhaps empty`()
    throws
  {
    for isSynced in [false, true] {
      let disk = SimulatedDisk()
      try disk.place(old, at: "/log")
      let file = try disk.open("/tmp", .create)
      try disk.write(new, to: file, at: 0)
      if isSynced { try disk.sync(file) }
      try disk.rename("/tmp", to: "/log")

      var found: Set<[String]> = []
      for seed in 0..<4_000 as Range<UInt64> {
        let copy = disk.copy()
        copy.crash(seed: seed)
        found.insert(["/log", "/tmp"].map { copy.contents(of: $0).map(kind) ?? "none" })
      }
      let contents = isSynced ? ["new"] : ["-", "new", "zero", "garbage"]
      let expected = contents.flatMap { [["old", $0], [$0, "none"]] } + [["old", "none"]]
      #expect(found == Set(expected), "a renaming arrives whole, with or without the creation")

      try disk.syncDirectory("/")
      let after = Set(outcomes(of: disk, at: "/log").map { $0.map(kind) })
      #expect(after == Set(contents))
    }
  }

  @Test func `takes a directory with all that was synced in it, until its parent is synced`() throws
  {
    let disk = SimulatedDisk(capacity: 1 << 20)
    try disk.makeDirectory("/d")
    let file = try disk.open("/d/a", .create)
    try disk.write(old, to: file, at: 0)
    try disk.sync(file)
    try disk.syncDirectory("/d")
    #expect(Set(outcomes(of: disk, at: "/d/a")) == [nil, old])
    for seed in 0..<100 as Range<UInt64> {
      let copy = disk.copy()
      copy.crash(seed: seed)
      let isThere = try copy.list("/") == ["d"]
      #expect(try copy.freeSpace(at: "/") == 1 << 20 - (isThere ? 4_096 : 0))
    }
    try disk.syncDirectory("/")
    #expect(Set(outcomes(of: disk, at: "/d/a")) == [old])
  }

  @Test func `takes back a renaming between two directories as a whole`() throws {
    for synced in ["", "/from", "/to"] {
      let disk = SimulatedDisk()
      try disk.makeDirectory("/from")
      try disk.makeDirectory("/to")
      try disk.syncDirectory("/")
      let file = try disk.open("/from/a", .create)
      try disk.write(old, to: file, at: 0)
      try disk.sync(file)
      if synced == "" { try disk.syncDirectory("/from") }
      try disk.rename("/from/a", to: "/to/b")
      if synced != "" { try disk.syncDirectory(synced) }
      var found: Set<[Bool]> = []
      for seed in 0..<400 as Range<UInt64> {
        let copy = disk.copy()
        copy.crash(seed: seed)
        found.insert(["/from/a", "/to/b"].map { copy.contents(of: $0) == old })
      }
      #expect(found == (synced == "" ? [[true, false], [false, true]] : [[false, true]]))
    }
  }

  @Test func `does not come with the end of a process`() throws {
    let disk = SimulatedDisk()
    let file = try disk.open("/a", .create)
    try disk.write(old, to: file, at: 0)
    #expect(try disk.lock(file))
    disk.kill()
    #expect(disk.openFiles == 0)
    let again = try disk.open("/a", .readAndWrite)
    #expect(try disk.lock(again), "the lock went with the process")
    #expect(try disk.read(again, at: 0, count: 512) == old)
    #expect(outcomes(of: disk).contains(nil), "and yet nothing of it is durable")
  }

  @Test func `leaves the same for the same seed`() throws {
    func run(_ seed: UInt64) throws -> (trace: String, files: [[UInt8]?]) {
      var random = SeededRandom(seed: seed)
      let disk = SimulatedDisk(seed: seed)
      disk.losePower(onceIn: 300)
      for _ in 0..<60 {
        let path = "/\(random.below(3))"
        do throws(DiskError) {
          let file = try disk.open(path, .create)
          try disk.write(random.bytes(random.below(1_500)), to: file, at: random.below(1_500))
          if random.once(in: 3) { try disk.sync(file) }
          if random.once(in: 5) { try disk.rename(path, to: "/\(random.below(3))") }
          try disk.close(file)
        } catch {
          #expect(error.isPowerLoss)
          #expect(disk.isDown)
          disk.restart()
        }
      }
      return (disk.trace, ["/0", "/1", "/2"].map { disk.contents(of: $0) })
    }
    for seed in 0..<20 as Range<UInt64> {
      let (first, second) = (try run(seed), try run(seed))
      #expect(first == second)
      #expect(first.trace.hasPrefix("seed \(seed)\n1 open /"))
    }
  }
}

extension SeededRandom {
  fileprivate static func bytes(_ count: Int, seed: UInt64) -> [UInt8] {
    var random = SeededRandom(seed: seed)
    return random.bytes(count)
  }
}
