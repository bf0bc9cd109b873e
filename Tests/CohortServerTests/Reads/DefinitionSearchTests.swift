import CohortLedger
import CohortModel
import CohortServer
import CohortWire
import TestSupport
import Testing

/// What a search finds in the lists of definitions, held against looking through all of them.
@Suite struct `A search for definitions` {
  private static let words = ["Gold", "GRÖSSE", "straße", "Ωmega", "a%b", "<b>", "late", "50"]
  private static let count = 130

  private static func name(_ number: Int) -> String {
    "\(words[number % words.count]) \(words[number / 3 % words.count]) \(number)"
  }
  private static func tags(_ number: Int) -> [String] {
    number.isMultiple(of: 5) ? ["Tag \(number % 3)", words[number % 7]] : []
  }
  private static func isArchived(_ number: Int) -> Bool { number.isMultiple(of: 7) }

  private static func house() throws -> (TestHouse, String) {
    let house = try TestHouse()
    try house.shop.create(["a"])
    try house.shop.push("vip", add: ["a"])
    for number in 1...count {
      let (name, tags) = (Text(name(number)), tags(number).map { Text($0) })
      let id = UInt32(number)
      try house.shop.submit(
        .saveSegment(
          SaveSegment(
            name: name, tags: tags, filter: .includes(partner: TestShop.partner, ["vip"]))))
      for kind in CampaignKind.allCases {
        try house.shop.submit(
          .saveCampaign(
            SaveCampaign(
              kind: kind, name: name, tags: tags,
              audience: SaveCampaign.NamedAudience(
                segments: [Text("segment:\(number)")], filter: nil))))
        if isArchived(number) {
          try house.shop.submit(.archiveCampaign(CampaignReference(kind: kind, number: id)))
        }
      }
      if isArchived(number) { try house.shop.submit(.archiveSegment(SegmentID(id))) }
    }
    return (house, try house.key())
  }

  @Test func `finds a text in names, ids and tags, page by page`() throws {
    let (house, key) = try Self.house()
    for (path, list, kind) in [
      ("/segments/list", "segments", "segment"), ("/campaigns/list", "campaigns", "campaign"),
      ("/canvas/list", "canvases", "canvas"),
    ] {
      func found(_ query: String) -> [Int] {
        (0..<3).flatMap { page in
          let answer = house.get("\(path)?page=\(page)\(query)", key: key)
          #expect(answer.status == 200, "\(answer.text)")
          return answer.json?[list]?.elements.compactMap { item in
            item["id"]?.string.flatMap {
              Int(String(decoding: $0, as: UTF8.self).dropFirst(kind.count + 1))
            }
          } ?? []
        }
      }
      for text in [
        "gold", "GOLD", "größe", "grösse", "STRASSE", "ω", "%", "<B", "5", "tag 1", "TAG", " ", "n",
        "\(kind):12", "\(kind.uppercased()):", "none of them", "late 9",
      ] {
        let needle = Array(text.lowercased().utf8)
        let query = "&search=" + text.utf8.map { "%" + Self.hex($0) }.joined()
        func expected(withArchived: Bool) -> [Int] {
          (1...Self.count).filter { number in
            (withArchived || !Self.isArchived(number))
              && ([Self.name(number), "\(kind):\(number)"] + Self.tags(number)).contains {
                Self.contains(Array($0.lowercased().utf8), needle)
              }
          }
        }
        let live = expected(withArchived: false)
        #expect(found(query) == live, "\(path) \(text)")
        #expect(found(query + "&sort_direction=desc") == live.reversed(), "\(path) \(text)")
        #expect(found(query + "&include_archived=true") == expected(withArchived: true))
        // As of a moment, those of then.
        #expect(found(query + "&as_of=2").isEmpty)
      }
      for (query, status) in [
        ("search=", 400), ("search=\(String(repeating: "a", count: 1_025))", 400),
        ("search=\(String(repeating: "a", count: 1_024))", 200), ("search=a&search=b", 400),
      ] {
        #expect(house.get("\(path)?\(query)", key: key).status == status, "\(query.prefix(30))")
      }
    }
  }

  private static func contains(_ hay: [UInt8], _ needle: [UInt8]) -> Bool {
    hay.indices.contains { hay[$0...].starts(with: needle) }
  }

  private static func hex(_ byte: UInt8) -> String {
    let text = String(byte, radix: 16)
    return text.count == 1 ? "0" + text : text
  }
}
