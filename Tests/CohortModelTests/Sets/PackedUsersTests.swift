import Testing

@testable import CohortModel

@Suite struct `A packed set of users` {
  @Test func `has every subset of a small universe in a form that is read back`() throws {
    for users in everySubset(of: 12) + everySubset(of: 9, times: 1_000, from: 7)
      + everySubset(of: 8, times: 1 << 29) + everySubset(of: 9, from: .max - 8)
    {
      try roundTrip(users)
    }
  }

  @Test func `has sets of every encoding in a form that is read back`() throws {
    var kinds = Set<PackedShape.Kind>()
    for users in tellingSets {
      try roundTrip(users)
      let packed = PackedUsers(sorted: users.span)
      kinds.insert(try PackedShape(reading: packed.bytes.span, at: 0).kind)
    }
    #expect(kinds == [.interval, .eliasFano, .bitmap, .runs])
  }

  @Test func `has the bytes that its drawing says`() {
    #expect(PackedUsers().bytes == [0])
    #expect(packed([3, 4, 100]).bytes == [0x0D, 0x03, 0x5F, 0x00, 0x01])
    #expect(packed([3, 4, 10]).bytes == [0x0E, 0x03, 0x05, 0x01])
    #expect(packed([10_000_000]).bytes.count == 5)
    #expect(packed([9_000_000, 10_000_000]).bytes.count == 8)
    #expect(packed(Array(1...1_000_000)).bytes.count == 5)
    #expect(
      packed(Array(1...1_000) + Array(5_000...6_000)).bytes
        == [0xC7, 0x3E, 0x01, 0x9F, 0x1F, 0x04, 0xBD, 0x3E, 0xE6, 0x07])
  }

  @Test func `of a thousand among ten million takes less than 1.92 bytes a user`() {
    var dice = Dice(1)
    for _ in 0..<20 {
      let users = some(1_000, of: 1...10_000_000, &dice)
      #expect(PackedUsers(sorted: users.span).bytes.count <= 1_920)
    }
  }

  @Test func `takes no more bytes than any other encoding of the same set would`() throws {
    for users in tellingSets where users.count > 2 {
      let span = Int(users[users.count - 1] - users[0])
      let header = 15
      #expect(packed(users).bytes.count <= header + span / 8 + 1)
    }
  }

  @Test func `finds its members and nobody else`() {
    for users in tellingSets {
      let packed = packed(users)
      let members = Set(users)
      var dice = Dice(UInt64(users.count))
      var questions: [UInt32] = [0, 1, .max]
      for user in users.shuffled(using: &dice).prefix(500) {
        questions += [user, user &+ 1, user &- 1, user ^ 64]
      }
      for _ in 0..<200 { questions.append(UInt32.random(in: 0 ... .max, using: &dice)) }
      for user in questions { #expect(packed.contains(user) == members.contains(user)) }
    }
  }

  @Test func `answers from the middle of other bytes as it does alone`() {
    for users in tellingSets {
      let packed = packed(users)
      for padding in 0..<9 {
        let bytes =
          [UInt8](repeating: 0xFF, count: padding) + packed.bytes
          + [UInt8](repeating: 0xFF, count: padding)
        var found: [UInt32] = []
        let end = PackedUsers.forEach(in: bytes.span, at: padding) { found.append($0) }
        #expect(found == users)
        #expect(end == padding + packed.bytes.count)
        #expect(PackedUsers.skip(in: bytes.span, at: padding) == end)
        #expect(PackedUsers.count(in: bytes.span, at: padding) == users.count)
        for user in users.prefix(20) {
          let isFound = PackedUsers.contains(user, in: bytes.span, at: padding)
          #expect(isFound)
        }
        let bounds = PackedUsers.bounds(in: bytes.span, at: padding)
        #expect(bounds?.lowerBound == users.first && bounds?.upperBound == users.last)
      }
    }
  }

  @Test func `is not accepted with any byte cut off`() {
    for users in everySubset(of: 8, times: 37, from: 5) + tellingSets.filter({ $0.count < 300 }) {
      let bytes = packed(users).bytes
      for length in 0..<bytes.count {
        let cut = Array(bytes[..<length])
        #expect(throws: PackedUsersFault.cutShort(at: 0)) {
          _ = try PackedUsers.read(cut.span, at: 0)
        }
      }
    }
  }

  @Test func `is refused with any bit flipped, or is another set in its own one form`() {
    let sets =
      everySubset(of: 8, times: 37, from: 5) + everySubset(of: 10, from: 1)
      + tellingSets.filter { $0.count < 1_100 }
    for users in sets {
      let bytes = packed(users).bytes
      let bits = bytes.count < 200 ? Array(0..<bytes.count * 8) : someBits(of: bytes.count)
      for bit in bits {
        var flipped = bytes
        flipped[bit / 8] ^= 1 << UInt8(bit % 8)
        expectRefusedOrCanonical(flipped, not: users)
      }
    }
  }

  @Test func `is refused as random bytes, or is a set in its one form`() {
    var dice = Dice(3)
    for _ in 0..<20_000 {
      let length = Int.random(in: 0...24, using: &dice)
      var bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &dice) }
      if length > 3 && Bool.random(using: &dice) {
        bytes[0] &= 0x7F
        bytes[1] &= 0x7F
        bytes[2] &= 0x7F
      }
      expectRefusedOrCanonical(bytes, not: nil)
    }
  }

  @Test func `of the most hostile headers costs nothing`() {
    let counts: [UInt64] = [2, 3, 1 << 31, 1 << 32 - 1, 1 << 32, 1 << 33 - 1]
    let firsts: [UInt64] = [0, 1, 1 << 32 - 1, 1 << 32]
    let slacks: [UInt64] = [0, 1, 1 << 31, 1 << 32 - 1, 1 << 35 - 1]
    for kind in UInt64(0)...3 {
      for count in counts {
        for first in firsts {
          for slack in slacks {
            var bytes: [UInt8] = []
            for number in [count << 2 | kind, first, slack, slacks[4]] {
              bytes.append(variableLength: number)
            }
            expectRefusedOrCanonical(bytes, not: nil)
          }
        }
      }
    }
  }

  @Test func `says in two sentences why bytes are refused`() {
    let faults: [PackedUsersFault] = [
      .cutShort(at: 1), .beyondLastNumber(at: 2), .contradictsHeader(at: 3), .notCanonical(at: 4),
    ]
    for fault in faults {
      #expect(fault.description.split(separator: ". ").count == 2)
      #expect(fault.description.hasSuffix("."))
    }
  }
}

private func packed(_ users: [UInt32]) -> PackedUsers { PackedUsers(sorted: users.span) }

private func roundTrip(_ users: [UInt32]) throws {
  let packed = packed(users)
  let (read, end) = try PackedUsers.read(packed.bytes.span, at: 0)
  #expect(read == packed)
  #expect(end == packed.bytes.count)
  #expect(read.users == users)
  #expect(read.count == users.count)
  #expect(read.isEmpty == users.isEmpty)
}

/// Every bit of the header of a long set and some of its body.
private func someBits(of length: Int) -> [Int] {
  var dice = Dice(UInt64(length))
  return Array(0..<64) + (0..<64).map { _ in Int.random(in: 64..<length * 8, using: &dice) }
}

/// Expects that `bytes` are refused, or are what the encoder writes for the set they hold.
private func expectRefusedOrCanonical(_ bytes: [UInt8], not users: [UInt32]?) {
  guard let (set, end) = try? PackedUsers.read(bytes.span, at: 0) else { return }
  #expect(end <= bytes.count)
  // An interval says a lot in a few bytes.
  if set.count > 10_000 { return }
  let found = set.users
  #expect(PackedUsers(sorted: found.span).bytes == Array(bytes[..<end]))
  if end == bytes.count, let users { #expect(found != users) }
}
