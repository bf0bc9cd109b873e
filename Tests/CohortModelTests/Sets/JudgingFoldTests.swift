import Testing

@testable import CohortModel

@Suite struct `A fold that judges` {
  @Test func `sets and clears exactly the users of a packed set`() {
    var fold = FoldBitmap()
    for users in tellingSets where (users.last ?? 0) < 1 << 24 {
      let packed = PackedUsers(sorted: users.span)
      let (bytes, range) = (packed.bytes.span, 0..<packed.bytes.count)
      #expect(fold.insert(judging: bytes, filling: range) == nil)
      #expect(fold.count == users.count)
      #expect(fold.cut() == LiveUsers(sorted: users.span))
      #expect(fold.remove(judging: bytes, filling: range) == nil)
      #expect(fold.count == 0)
      #expect(fold.cut().isEmpty)
    }
  }

  @Test func `finds whoever is put in twice or taken out twice, wherever they stand`() {
    for users in tellingSets where (users.last ?? 0) < 1 << 24 && !users.isEmpty {
      let packed = PackedUsers(sorted: users.span)
      for place in [0, 1, users.count / 2, users.count - 1] where place < users.count {
        let one = PackedUsers(sorted: [users[place]].span)
        var fold = FoldBitmap()
        #expect(fold.insert(judging: one.bytes.span, filling: 0..<one.bytes.count) == nil)
        #expect(
          fold.insert(judging: packed.bytes.span, filling: 0..<packed.bytes.count) == .noChange)
        fold = FoldBitmap()
        fold.insert(in: packed.bytes.span, at: 0)
        #expect(fold.remove(judging: one.bytes.span, filling: 0..<one.bytes.count) == nil)
        #expect(
          fold.remove(judging: packed.bytes.span, filling: 0..<packed.bytes.count) == .noChange)
      }
    }
  }

  @Test func `takes a set for none exactly where the reader does, whichever byte is wrong`() {
    var refused = 0
    for users in tellingSets where users.count < 2_000 && (users.last ?? 0) < 1 << 24 {
      let packed = PackedUsers(sorted: users.span)
      let step = max(1, packed.bytes.count / 60)
      for index in stride(from: 0, to: packed.bytes.count, by: step) {
        for mask: UInt8 in [0x01, 0x80, 0x91, 0xFF, 0x18] {
          var bytes = packed.bytes
          bytes[index] ^= mask
          if !judge(bytes) { refused += 1 }
        }
      }
    }
    #expect(refused > 500)
  }

  @Test func `takes only what the encoder writes, of every subset of a small universe`() {
    // Gaps that take a byte more than others as runs stand around 64 and 8,192.
    let steps: [UInt32] = [2, 3, 16, 33, 64, 65, 66, 67, 128, 4_096, 8_192, 8_193, 8_194, 16_384]
    let even = steps.flatMap { step -> [[UInt32]] in
      [UInt32(1), 10, 50, 99].map { moved -> [UInt32] in
        (0..<UInt32(100)).map { $0 * step + ($0 >= moved ? 70_000 : 1) }
      }
    }
    for users in everySubset(of: 13, from: 60) + everySubset(of: 9, times: 8_200, from: 5)
      + even + tellingSets
    where users.count >= 2 && users.count < 5_000 && (users.last ?? 0) < 1 << 24 {
      let bytes = eliasFano(users)
      #expect(judge(bytes) == (bytes == PackedUsers(sorted: users.span).bytes), "\(users)")
    }
  }

  @Test func `takes no set that is longer or shorter than its place`() {
    for users in tellingSets where (users.last ?? 0) < 1 << 24 {
      let bytes = PackedUsers(sorted: users.span).bytes
      var fold = FoldBitmap()
      #expect(fold.insert(judging: (bytes + [0]).span, filling: 0..<bytes.count + 1) == .noSet)
      fold = FoldBitmap()
      #expect(fold.insert(judging: bytes.span, filling: 0..<bytes.count - 1) == .noSet)
    }
  }

  /// Whether the fold takes `bytes`, which it must if the reader does.
  private func judge(_ bytes: [UInt8]) -> Bool {
    let isSet = (try? PackedUsers.check(bytes.span, at: 0)) == bytes.count
    // Who is not known is found out before a set is folded, so no set has to be this wide.
    let bounds = try? PackedUsers.bounds(bytes.span, filling: 0..<bytes.count)
    if let bounds, bounds.upperBound >= 1 << 24 { return isSet }
    var fold = FoldBitmap()
    let flaw = fold.insert(judging: bytes.span, filling: 0..<bytes.count)
    #expect(flaw == (isSet ? nil : .noSet))
    if isSet {
      var users: [UInt32] = []
      PackedUsers.forEach(in: bytes.span, at: 0) { users.append($0) }
      #expect(fold.cut().users == users && fold.count == users.count)
    }
    return isSet
  }

  /// The set as its drawing says, bit by bit, whether or not another encoding would be smaller.
  private func eliasFano(_ users: [UInt32]) -> [UInt8] {
    let (first, last) = (users[0], users[users.count - 1])
    let slack = Int(last - first) - (users.count - 1)
    var bytes: [UInt8] = []
    for number in [users.count * 4 + 1, Int(first), slack] {
      bytes.append(variableLength: UInt64(number))
    }
    let inner = users.dropFirst().dropLast().map { Int($0 - first) - 1 }
    if inner.isEmpty { return bytes }
    let universe = inner.count + slack
    var width = 0
    while inner.count << (width + 1) <= universe { width += 1 }
    var low = [Bool]()
    var high = [Bool](repeating: false, count: inner.count + (universe - 1) >> width)
    for (index, number) in inner.enumerated() {
      for bit in 0..<width { low.append(number >> bit & 1 == 1) }
      high[number >> width + index] = true
    }
    for part in [low, high] {
      for start in stride(from: 0, to: part.count, by: 8) {
        let bits = part[start..<min(start + 8, part.count)].enumerated()
        bytes.append(bits.reduce(0) { $1.element ? $0 | 1 << UInt8($1.offset) : $0 })
      }
    }
    return bytes
  }
}
