import CohortFormat
import CohortLog
import CohortModel
import Glibc
import TestSupport
import Testing

@Suite struct `Snapshots` {
  private let disk = SimulatedDisk()
  private let ledger = LedgerID(random: SeededRandomSource(seed: 1))

  init() throws {
    try disk.makeDirectory("/ledger")
    try disk.syncDirectory("/")
  }

  private func store(_ disk: SimulatedDisk, _ ledger: LedgerID? = nil) -> SnapshotStore {
    SnapshotStore(in: StorageFolder("/ledger"), of: ledger ?? self.ledger, on: disk)
  }

  private func anchor(_ size: UInt64) -> LogAnchor {
    let epoch = Epoch(generation: 3, random: SeededRandomSource(seed: 2))
    return LogAnchor(offset: 4_096 + size, epoch: epoch, size: size, root: .zero)
  }

  private func sections(_ size: UInt64) -> [(name: String, bytes: [UInt8])] {
    [
      ("users", [UInt8](repeating: UInt8(size % 251), count: 500)), ("empty", []),
      ("members", Array("members of \(size)".utf8)),
    ]
  }

  private func write(_ size: UInt64, _ store: SnapshotStore, content: UInt32 = 1) throws(DiskError)
  {
    let writer = store.begin(content: content, behind: anchor(size))
    for section in sections(size) {
      writer.begin(section.name)
      let half = section.bytes.count / 2
      writer.append(section.bytes.span.extracting(0..<half))
      writer.append(section.bytes.span.extracting(half...))
    }
    try writer.finish()
  }

  /// The size of the newest snapshot that loads, after a comparison of all its bytes.
  private func load(
    _ store: SnapshotStore, content: UInt32 = 1, where stands: (LogAnchor) -> Bool = { _ in true }
  ) -> UInt64? {
    store.newest(content: content, where: stands) { snapshot in
      let size = snapshot.anchor.size
      for section in sections(size) {
        guard let bytes = snapshot.section(section.name) else { return nil }
        #expect(bytes == section.bytes)
        var pieces: [UInt8] = []
        #expect(snapshot.forEachPiece(of: section.name, size: 7) { pieces += $0.array($0.indices) })
        #expect(pieces == section.bytes)
      }
      #expect(snapshot.section("unknown") == nil)
      #expect(snapshot.names == ["users", "empty", "members"])
      #expect(snapshot.anchor == anchor(size))
      return size
    }
  }

  @Test func `are loaded as they were written, the newest first`() throws {
    #expect(load(store(disk)) == nil)
    try write(9, store(disk))
    #expect(load(store(disk)) == 9)
    try write(10, store(disk))
    #expect(load(store(disk)) == 10)
    #expect(try disk.list("/ledger") == ["snapshot-00000000000000000010"])
  }

  @Test func `whose anchor does not stand, or of another content, are passed over`() throws {
    try write(9, store(disk))
    #expect(load(store(disk)) { $0.size < 9 } == nil)
    #expect(load(store(disk), content: 2) == nil)
    #expect(load(store(disk, LedgerID(random: SeededRandomSource(seed: 5)))) == nil)
    #expect(load(store(disk)) == 9)
  }

  @Test func `that are not whole are passed over, at every cut and every byte`() throws {
    try write(9, store(disk))
    let path = "/ledger/snapshot-00000000000000000009"
    let whole = disk.contents(of: path) ?? []
    let other = "/ledger/snapshot-00000000000000000008"
    let small = SimulatedDisk()
    try small.makeDirectory("/ledger")
    try write(8, store(small))
    try disk.place(small.contents(of: "/ledger/snapshot-00000000000000000008") ?? [], at: other)

    for cut in 0..<whole.count {
      try disk.place(Array(whole[..<cut]), at: path)
      #expect(load(store(disk)) == 8, "cut at \(cut)")
    }
    for byte in whole.indices {
      var bytes = whole
      bytes[byte] ^= 0x40
      try disk.place(bytes, at: path)
      #expect(load(store(disk)) == 8, "byte \(byte)")
    }
    for bytes in [whole + [0], whole + whole, Array(whole.reversed())] {
      try disk.place(bytes, at: path)
      let found = load(store(disk))
      #expect(found == 8 || found == 9)
    }
    try disk.place(whole, at: path)
    #expect(load(store(disk)) == 9)
  }

  @Test func `are evidence of what the log once had, even if only the header is left`() throws {
    #expect(store(disk).largestAnchor == nil)
    try write(9, store(disk))
    let path = "/ledger/snapshot-00000000000000000009"
    try disk.place(Array((disk.contents(of: path) ?? []).prefix(200)), at: path)
    #expect(store(disk).largestAnchor == anchor(9))
    #expect(store(disk, LedgerID(random: SeededRandomSource(seed: 5))).largestAnchor == nil)
  }

  @Test func `survive a crash at any call: the old one or the new one is there`() throws {
    try write(9, store(disk))
    let calls = disk.copy()
    let start = calls.operations
    try write(10, store(calls))
    for call in 1...calls.operations - start {
      for seed in 0..<UInt64(6) {
        let copy = disk.copy()
        copy.inject(.powerLoss, at: call)
        try? write(10, store(copy))
        copy.repair()
        copy.crash(seed: seed)
        let found = load(store(copy))
        #expect(found == 9 || found == 10, "call \(call), seed \(seed)")
        try write(11, store(copy))
        #expect(load(store(copy)) == 11)
      }
    }
  }

  @Test func `that cannot be written leave the old one and nothing else`() throws {
    try write(9, store(disk))
    let calls = disk.copy()
    let start = calls.operations
    try write(10, store(calls))
    for call in 1...calls.operations - start {
      let copy = disk.copy()
      copy.inject(.error(ENOSPC), at: call)
      try? write(10, store(copy))
      let names = try copy.list("/ledger")
      #expect(names.count <= 2 && !names.contains { $0.hasSuffix(".part") }, "call \(call)")
      #expect(load(store(copy)) != nil)
      #expect(copy.openFiles == 0)
    }
    do {
      let dropped = store(disk).begin(content: 1, behind: anchor(12))
      dropped.begin("users")
      dropped.append([1, 2, 3].span)
    }
    #expect(try disk.list("/ledger") == ["snapshot-00000000000000000009"])
  }

  @Test func `from before an erasure are deleted, and cannot come into being afterwards`() throws {
    let store = store(disk)
    try write(9, store)
    let late = store.begin(content: 1, behind: anchor(10))
    late.begin("users")
    late.append([1].span)
    try store.forget(before: Position(11))
    #expect(try disk.list("/ledger").isEmpty)
    try? late.finish()
    #expect(load(store) == nil)
    #expect(try disk.list("/ledger").isEmpty)
    let later = store.begin(content: 1, behind: anchor(10))
    later.begin("users")
    later.append([1].span)
    #expect(try disk.list("/ledger").isEmpty, "not even while it is written")
    #expect(throws: DiskError.self) { try later.finish() }
    try write(11, store)
    try store.forget(before: Position(11))
    #expect(load(store) == 11)
  }
}

@Suite struct `A cache file` {
  private let disk = SimulatedDisk()
  private let checksum = LedgerID(random: SeededRandomSource(seed: 1)).checksum

  private func open(_ disk: SimulatedDisk, keeping end: Int = .max) -> CacheFile? {
    CacheFile(at: "/tiles", keeping: end, checksum: checksum, on: disk)
  }

  private struct NotCached: Error {}

  private func append(_ bytes: [UInt8], to cache: CacheFile) throws -> CachedBytes {
    guard let place = cache.append(bytes.span) else { throw NotCached() }
    return place
  }

  @Test func `gives back what was appended, also after a restart`() throws {
    var places: [(CachedBytes, [UInt8])] = []
    for life in 0..<3 {
      let cache = try #require(open(disk))
      for (place, bytes) in places { #expect(cache.read(place) == bytes) }
      for number in 0..<10 {
        let bytes = [UInt8](repeating: UInt8(life * 10 + number), count: number * 100)
        places.append((try append(bytes, to: cache), bytes))
      }
      #expect(cache.sync())
    }
    #expect(Set(places.map(\.0.offset)).count == 27, "those of no bytes share their place")
  }

  @Test func `gives nil for anything that is not what it was`() throws {
    let cache = try #require(open(disk))
    let bytes = Array("a tile".utf8)
    _ = cache.append([9, 9].span)
    let place = try append(bytes, to: cache)
    for bit in 0..<bytes.count * 8 {
      let copy = disk.copy()
      try copy.rot("/tiles", bit: place.offset * 8 + bit)
      #expect(try #require(open(copy)).read(place) == nil)
    }
    for wrong in [
      CachedBytes(offset: 0, length: 6, crc: place.crc),
      CachedBytes(offset: 2, length: 5, crc: place.crc),
      CachedBytes(offset: 2, length: 600, crc: place.crc),
      CachedBytes(offset: -1, length: 6, crc: place.crc),
      CachedBytes(offset: 2, length: -6, crc: place.crc),
      CachedBytes(offset: .max, length: .max, crc: place.crc),
    ] { #expect(cache.read(wrong) == nil) }
    let foreign = LedgerID(random: SeededRandomSource(seed: 7)).checksum
    let other = CacheFile(at: "/tiles", keeping: 99, checksum: foreign, on: disk)
    #expect(other?.read(place) == nil)
    disk.inject(.error(EIO), on: .read)
    #expect(cache.read(place) == nil)
    #expect(cache.read(place) == bytes)
  }

  @Test func `drops what is no longer wanted`() throws {
    do {
      let cache = try #require(open(disk))
      _ = cache.append([UInt8](repeating: 1, count: 100).span)
    }
    let cache = try #require(open(disk, keeping: 40))
    #expect(cache.size == 40)
    #expect(try append([5], to: cache).offset == 40)
    #expect(disk.contents(of: "/tiles")?.count == 41)
  }

  @Test func `that cannot be written caches less and hurts nobody`() throws {
    let cache = try #require(open(disk))
    let first = try append([1, 2], to: cache)
    disk.inject(.error(ENOSPC), on: .write, times: 3)
    for _ in 0..<3 { #expect(throws: NotCached.self) { try append([3], to: cache) } }
    let second = try append([4], to: cache)
    #expect(cache.read(first) == [1, 2] && cache.read(second) == [4])
    disk.inject(.error(EIO), on: .sync)
    #expect(!cache.sync())
    disk.inject(.error(EACCES), on: .open)
    #expect(open(disk) == nil)
  }
}
