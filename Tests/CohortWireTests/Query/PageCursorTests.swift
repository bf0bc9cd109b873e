import CohortModel
import CohortWire
import TestSupport
import Testing

@Suite struct `A page cursor` {
  private static func some(_ random: inout SeededRandom) -> PageCursor {
    PageCursor(
      position: Position(random.next()),
      instant: Instant(microseconds: Int64(bitPattern: random.next())),
      identities: Position(random.next()), earlier: Position(random.next()), after: random.next(),
      asked: random.next(), history: PageCursor.History(high: random.next(), low: random.next()))
  }

  @Test func `is read as it was written`() {
    var random = SeededRandom(seed: 1)
    for _ in 0..<200 {
      let cursor = Self.some(&random)
      let text = Array(cursor.text.utf8)
      #expect(text.count == 87)
      #expect(PageCursor(text) == cursor)
    }
  }

  @Test func `is nothing else: not cut, not longer, not with another letter`() {
    var random = SeededRandom(seed: 2)
    let cursor = Self.some(&random)
    let text = Array(cursor.text.utf8)
    for end in text.indices { #expect(PageCursor(Array(text[..<end])) == nil) }
    #expect(PageCursor(text + [0x41]) == nil)
    for index in text.indices {
      for letter in UInt8.min...UInt8.max where letter != text[index] {
        var other = text
        other[index] = letter
        #expect(PageCursor(other) != cursor)
      }
    }
  }

  @Test func `goes on with the same list only, in pages of any size`() throws {
    let target = Array("/ledger/cohorts/hightouch/vip/members".utf8)
    func query(_ text: String) throws(WireError) -> Query {
      try Query(Array(text.utf8), for: .cohortMembers)
    }
    var random = SeededRandom(seed: 4)
    var cursor = Self.some(&random)
    cursor.asked = try query("as_of=41&identity=now").fingerprint(of: target)
    for text in [
      "as_of=41&identity=now", "identity=now&as_of=41", "limit=7&as_of=41&identity=now",
      "as_of=%341&identity=now&limit=9999",
    ] {
      let asked = try query("\(text)&next=\(cursor.text)")
      #expect(try asked.cursor(of: target) == cursor, "\(text)")
    }
    for text in ["", "as_of=42&identity=now", "as_of=41", "as_of=41&identity=then", "identity=now"]
    {
      let asked = try query("\(text)&next=\(cursor.text)")
      #expect(throws: WireError.self, "\(text)") { try asked.cursor(of: target) }
    }
    let asked = try query("as_of=41&identity=now&next=\(cursor.text)")
    #expect(throws: WireError.self) { try asked.cursor(of: target + [0x73]) }
    #expect(throws: WireError.self) { try query("next=bogus").cursor(of: target) }
    #expect(try query("as_of=41").cursor(of: target) == nil)
  }
}

@Suite struct `Bytes in a URL` {
  @Test func `come back, whatever they are`() {
    var random = SeededRandom(seed: 9)
    for count in 0..<70 {
      let bytes = random.bytes(count)
      let text = Base64URL.encode(bytes)
      #expect(text.count == (count * 8 + 5) / 6)
      #expect(Base64URL.decode(text) == bytes)
    }
    #expect(Base64URL.encode(Array("Ledger?>~".utf8)) == Array("TGVkZ2VyPz5-".utf8))
  }

  @Test func `have one text each`() {
    for text in ["A", "AB", "AAB", "A=", "AA==", "A A", "A+", "A/", "AAAAA"] {
      #expect(Base64URL.decode(Array(text.utf8)) == nil, "\(text)")
    }
  }
}
