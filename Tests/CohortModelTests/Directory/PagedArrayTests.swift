import CohortModel
import Testing

@Suite struct `A paged array` {
  /// Random writes, appends, runs and truncations, with copies that must not move.
  @Test(arguments: 0..<12)
  func `behaves like an array, and its copies stay as they were`(seed: Int) {
    var dice = DirectoryDice(state: UInt64(seed))
    var paged = PagedArray<UInt16>(blank: 9)
    var plain: [UInt16] = []
    var kept: [(PagedArray<UInt16>, [UInt16])] = []
    let capacity = PagedArray<UInt16>.pageCapacity
    for _ in 0..<80 {
      let value = UInt16.random(in: 0...8, using: &dice)
      switch Int.random(in: 0..<8, using: &dice) {
      case 0...1:
        let index = Int.random(in: 0..<3 * capacity, using: &dice)
        while plain.count <= index { plain.append(9) }
        plain[index] = value
        paged[index] = value
      case 2:
        plain.append(value)
        paged.append(value)
      case 3...4:
        let length = Int.random(in: 0...capacity, using: &dice)
        let start = paged.appendRun(of: length) { run in
          for index in run.indices { run[index] = value }
        }
        #expect(start % capacity + length <= capacity)
        guard length > 0 else { break }
        #expect(start == plain.count || start == (plain.count / capacity + 1) * capacity)
        while plain.count < start { plain.append(9) }
        plain += Array(repeating: value, count: length)
      case 5:
        let length = Int.random(in: 0...plain.count, using: &dice)
        plain.removeLast(plain.count - length)
        paged.truncate(to: length)
      case 6:
        let length = plain.count + Int.random(in: 0...capacity, using: &dice)
        while plain.count < length { plain.append(9) }
        paged.extend(to: length)
      default: kept.append((paged, plain))
      }
      #expect(paged.count == plain.count)
    }
    for (paged, plain) in kept + [(paged, plain)] {
      #expect((0..<paged.count).allSatisfy { paged[$0] == plain[$0] })
      #expect((paged.count..<paged.count + 2 * capacity).allSatisfy { paged[$0] == 9 })
      var bytes: [UInt8] = [1, 2, 3]
      paged.append(to: &bytes)
      var cursor = SnapshotCursor(at: 3)
      let copy = try? PagedArray<UInt16>(
        blank: 9, from: bytes.span, at: &cursor, atMost: paged.count)
      #expect(copy == paged)
      #expect(cursor.offset == bytes.count)
    }
  }

  @Test func `takes no memory for pages in which nothing was set`() {
    var paged = PagedArray<UInt32>(blank: 0)
    paged[50_000_000] = 1
    #expect(paged.count == 50_000_001)
    #expect(paged[49_999_999] == 0)
    #expect(paged.allocatedBytes < 2_000_000)
  }

  @Test func `copies one page for a write after a copy, and none for the next`() {
    var paged = PagedArray<UInt64>(blank: 0)
    for index in 0..<100_000 { paged.append(UInt64(index)) }
    let addresses = { (paged: PagedArray<UInt64>, index: Int) in
      paged.readRun(at: index, count: 1) { run in
        unsafe run.withUnsafeBufferPointer { UInt(bitPattern: $0.baseAddress) }
      }
    }
    let copy = paged
    paged[7] = 0
    #expect(addresses(paged, 0) != addresses(copy, 0))
    #expect(addresses(paged, 50_000) == addresses(copy, 50_000))
    let moved = addresses(paged, 0)
    paged[8] = 0
    #expect(addresses(paged, 0) == moved)
    #expect(copy[7] == 7 && copy[8] == 8)
  }

  @Test func `does not believe a count above its limit, or pages that are not there`() {
    var paged = PagedArray<UInt32>(blank: 0)
    for index in 0..<5000 { paged.append(UInt32(index)) }
    var bytes: [UInt8] = []
    paged.append(to: &bytes)
    func read(_ bytes: [UInt8], atMost limit: Int) throws(SnapshotDamage) -> PagedArray<UInt32> {
      var cursor = SnapshotCursor()
      return try PagedArray(blank: 0, from: bytes.span, at: &cursor, atMost: limit)
    }
    #expect(throws: SnapshotDamage.self) { try read(bytes, atMost: 4999) }
    for cut in 0..<bytes.count {
      #expect(throws: SnapshotDamage.self) { try read(Array(bytes.prefix(cut)), atMost: 5000) }
    }
    #expect((try? read(bytes, atMost: 5000)) == paged)
  }
}
