import CohortHTTP
import CohortLedger
import CohortModel
import CohortServer
import CohortWire
import TestSupport
import Testing

/// What a list of cohorts and of changes can be asked for, held against the plain answers.
@Suite struct `A list of cohorts` {
  private static let names = [
    "Gold", "gold silver", "SILVER", "Größe", "GRÖSSE", "straße", "Ωmega", "ωMEGA", "a%b_c", "<b>",
    "50", "Gold 50",
  ]

  private static func house() throws -> (TestHouse, String) {
    let house = try TestHouse()
    for (index, name) in names.enumerated() {
      try house.shop.submit(
        .nameCohort(
          NameCohort(
            cohort: CohortName(partner: TestShop.partner, cohortID: Text("Id-\(index)")),
            name: Text(name), createdAt: Instant(microseconds: 5))))
    }
    try house.shop.submit(
      .archiveCohort(CohortName(partner: TestShop.partner, cohortID: "Id-1")))
    return (house, try house.key())
  }

  private static func found(
    _ house: TestHouse, _ key: String, _ query: String, limit: Int
  ) throws -> [String] {
    var (ids, next): ([String], String) = ([], "")
    repeat {
      let answer = house.get("/ledger/cohorts?limit=\(limit)\(query)\(next)", key: key)
      #expect(answer.status == 200, "\(answer.text)")
      let page = try #require(answer.json?["cohorts"])
      #expect(page.count <= limit)
      ids += page.elements.compactMap { item in
        item["cohort_id"]?.string.map { String(decoding: $0, as: UTF8.self) }
      }
      next = answer.string("next").map { "&next=\($0)" } ?? ""
    } while !next.isEmpty
    return ids
  }

  @Test(arguments: [
    "gold", "GOLD", "silver", "GRÖ", "grö", "straß", "ω", "ΩMEGA", "%", "_", "<B", "5", "id-1",
    "ID-", " ", "none of them", "Gold 50", "gold  ",
  ])
  func `finds a text in names and ids`(_ text: String) throws {
    let (house, key) = try Self.house()
    let small = Array(text.lowercased().utf8)
    let expected = Self.names.enumerated().filter { index, name in
      [name, "Id-\(index)"].contains { Array($0.lowercased().utf8).naivelyContains(small) }
    }.map { "Id-\($0.offset)" }
    let query = "&search=" + text.utf8.map { "%" + Self.hex($0) }.joined()
    for limit in [1, 2, 100] {
      #expect(try Self.found(house, key, query, limit: limit) == expected)
      let live = try Self.found(house, key, query + "&include_archived=false", limit: limit)
      #expect(live == expected.filter { $0 != "Id-1" })
      #expect(try Self.found(house, key, query + "&partner=hightouch", limit: limit) == expected)
    }
    // As of a moment, by the names of then.
    #expect(try Self.found(house, key, query + "&as_of=1", limit: 9).isEmpty)
  }

  @Test func `refuses what is no search, and takes a page of one for no other`() throws {
    let (house, key) = try Self.house()
    let long = String(repeating: "a", count: 1_025)
    for (query, status) in [
      ("search=", 400), ("search=\(long)", 400), ("include_archived=no", 400),
      ("search=\(long.dropLast())", 200),
    ] {
      #expect(
        house.get("/ledger/cohorts?\(query)", key: key).status == status, "\(query.prefix(30))")
    }
    let next = try #require(
      house.get("/ledger/cohorts?search=gold&limit=1", key: key).string("next"))
    for query in ["search=silver&", "search=gold&include_archived=false&", ""] {
      #expect(house.get("/ledger/cohorts?\(query)next=\(next)", key: key).status == 400, "\(query)")
    }
  }

  @Test(arguments: 11...13 as ClosedRange<UInt64>)
  func `tells when each has changed, and its changes tell by whom`(_ seed: UInt64) throws {
    let shop = try ReadingHouse(seed: seed)
    for cohort in ReadingHouse.cohorts {
      let path = "/ledger/cohorts/hightouch/\(cohort.escaped)"
      for position in [shop.somePosition(), shop.now.end] {
        let asOf = "?as_of=\(position.rawValue)"
        let standing = shop.get(path + asOf)
        if let last = standing.number("last_change") {
          let time = shop.get("\(path)?as_of=\(last)").string("as_of", "time")
          #expect(standing.string("last_change_time") == time)
        } else {
          #expect(standing.json?["last_change_time"]?.isNull ?? true)
        }
        let plain = try shop.pages(path + "/changes" + asOf, "changes", limit: 10_000)
        for limit in [1, 3, 10_000] {
          for (query, isNamed, isTold) in [
            ("&members=none&requests=true", false, true), ("&requests=true", true, true),
            ("&members=none", false, false),
          ] {
            let found = try shop.pages(path + "/changes" + asOf + query, "changes", limit: limit)
            #expect(found.count == plain.count)
            for (text, plain) in zip(found, plain) {
              let change = try JSONDocument(parsing: Array(text.utf8)).root
              try expect(change, is: JSONDocument(parsing: Array(plain.utf8)).root, named: isNamed)
              #expect((change["request"] != nil) == isTold && (change["key"] != nil) == isTold)
              if isTold { try expectRequest(of: change, in: shop) }
            }
          }
        }
      }
    }
  }

  @Test func `can have ids that no URL can hold, which stand beside the path`() throws {
    let house = try TestHouse()
    try house.shop.create(["a"])
    let key = try house.key()
    for id in [".", "..", "-", "%2E"] {
      try house.shop.push(Text(id), add: id == ".." ? ["a"] : ["b"])
    }
    func get(_ id: String, _ rest: String, _ query: String) -> TestAnswer {
      house.get("/ledger/cohorts/hightouch/\(id)\(rest)?\(query)", key: key)
    }
    for (path, query, id) in [
      ("-", "cohort_id=.", "."), ("-", "cohort_id=..", ".."), ("-", "cohort_id=%2E.", ".."),
      ("-", "", "-"), ("-", "cohort_id=-", "-"), ("-", "cohort_id=%252E", "%2E"),
      ("%252E", "", "%2E"), (".", "", "."), ("%2E%2E", "", ".."),
    ] {
      let size = id == ".." ? 1 : 0
      #expect(get(path, "", query).string("cohort_id") == id)
      #expect(get(path, "/members", query).number("count") == size)
      #expect(get(path, "/changes", query).string("cohort_id") == id)
      #expect(get(path, "/sizes", query).string("cohort_id") == id)
      #expect(get(path, "/diff", "\(query)&from=1").number("added_count") == size)
    }
    #expect(get(".", "", "cohort_id=..").status == 400)
    #expect(get("-", "", "cohort_id=none").status == 404)
    func post(_ verb: String, _ body: String) -> TestAnswer {
      house.post("/ledger/cohorts/hightouch/-/\(verb)", body, key: key)
    }
    #expect(post("archive", #"{"cohort_id":"."}"#).status == 201)
    #expect(get("-", "", "cohort_id=.").json?["archived"]?.bool == true)
    #expect(get("-", "", "").json?["archived"]?.bool == false)
    #expect(post("restore", #"{"cohort_id":"."}"#).status == 201)
    #expect(get("-", "", "cohort_id=.").json?["archived"]?.bool == false)
  }

  private func expect(_ change: JSONValue, is plain: JSONValue, named: Bool) throws {
    for key in ["position", "time", "kind", "size", "unmatched", "added_count", "removed_count"] {
      #expect(change[key]?.source == plain[key]?.source, "\(key)")
    }
    for key in ["added", "removed"] {
      #expect(change[key]?.source == (named ? plain[key]?.source : nil))
      #expect(plain["\(key)_count"]?.unsignedInteger == plain[key].map { UInt64($0.count) })
    }
  }

  private func expectRequest(of change: JSONValue, in shop: ReadingHouse) throws {
    let position = try #require(change["position"]?.unsignedInteger)
    let request = shop.get("/ledger/requests/\(position)")
    for key in ["request", "key"] {
      #expect(change[key]?.source == request.json?[key]?.source, "\(key)")
    }
    #expect((change["counts"]?.isNull == true) == (request.json?["counts"] == nil))
    if let counts = request.json?["counts"] { #expect(change["counts"]?.source == counts.source) }
    let short = shop.get("/ledger/requests/\(position)?members=none")
    #expect(short.json?["added"] == nil && short.json?["removed"] == nil)
    #expect(short.json?["counts"]?.source == request.json?["counts"]?.source)
    #expect(short.json?["unmatched"]?.source == request.json?["unmatched"]?.source)
  }

  private static func hex(_ byte: UInt8) -> String {
    (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }
}

extension [UInt8] {
  fileprivate func naivelyContains(_ other: [UInt8]) -> Bool {
    indices.contains { self[$0...].starts(with: other) }
  }
}
