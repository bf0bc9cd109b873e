import CohortFormat
import CohortLedger
import CohortModel
import CohortServer
import CohortWire
import TestSupport
import Testing

@Suite struct `Keys, partners and the tree over HTTP` {
  @Test func `list keys and partners as of any position`() throws {
    let shop = try ReadingHouse(seed: 1)
    let secret = try shop.house.key()
    let issued = shop.now.end.rawValue
    let key = try #require(shop.now.state.keys.records.last?.issued.key)
    try shop.house.shop.submit(.invalidateKey(key))
    try shop.house.shop.submit(.disablePartner(TestShop.partner))
    func status(_ asOf: UInt64) throws -> String? {
      try shop.pages("/ledger/keys?as_of=\(asOf)", "keys", limit: 2).compactMap { text in
        let json = try JSONDocument(parsing: Array(text.utf8)).root
        return json["key_id"]?.source == "\"\(key)\"" ? json["status"]?.source : nil
      }.first
    }
    #expect(try status(issued - 1) == nil)
    #expect(try status(issued) == "\"live\"")
    #expect(try status(issued + 1) == "\"invalidated\"")
    #expect(!shop.get("/ledger/keys").text.contains(secret))

    let partner = try #require(shop.get("/ledger/partners").json?["partners"]).elements.map { $0 }
    #expect(partner.count == 1 && partner[0]["enabled"]?.bool == false)
    #expect(partner[0]["cohorts"]?.unsignedInteger == 3)
    #expect(partner[0]["endpoint"]?.source == "\"/partners/hightouch/cohorts\"")
    let before = shop.get("/ledger/partners?as_of=\(issued)").json?["partners"]?.elements.map { $0 }
    #expect(before?.first?["enabled"]?.bool == true)
    #expect(
      shop.get("/ledger/partners?as_of=1").json?["partners"]?.elements.map { $0 }.first?["cohorts"]?
        .unsignedInteger == 0)
  }

  @Test func `tell what a key did, newest first, in pages of any size`() throws {
    let shop = try ReadingHouse(seed: 2)
    for number in 0...UInt32(shop.now.state.keys.records.count) {
      for position in [shop.now.end, shop.somePosition()] {
        let view = try shop.ledger.view(asOf: .position(position))
        let whole = try view.activity(of: KeyID(number), limit: 10_000)
        let target = "/ledger/keys/key:\(number)/activity?as_of=\(position.rawValue)"
        for limit in [1, 7, 10_000] {
          let found = try shop.pages(target, "activity", limit: limit).map {
            try JSONDocument(parsing: Array($0.utf8)).root
          }
          #expect(
            found.map { $0["request"]?.unsignedInteger } == whole.map { $0.request.rawValue })
          #expect(found.map { $0["events"]?.count } == whole.map { $0.events.count })
        }
        #expect(shop.lines(target).count == whole.count)
      }
    }
  }

  @Test func `prove every event in every tree, as RFC 6962 says`() throws {
    let shop = try ReadingHouse(seed: 3, steps: 12)
    let end = shop.now.end.rawValue
    func digests(_ value: JSONValue?) -> [Digest] {
      value?.elements.compactMap {
        $0.string.flatMap { Digest(String(decoding: $0, as: UTF8.self)) }
      }
        ?? []
    }
    for size in 1...end {
      let head = shop.get("/ledger/tree/head?size=\(size)")
      let root = try #require(head.string("root").flatMap { Digest($0) })
      #expect(shop.get("/ledger/tree/head?as_of=\(size)").string("root") == root.description)
      for position in [1, (size + 1) / 2, size] {
        let answer = shop.get("/ledger/tree/inclusion?position=\(position)&size=\(size)")
        let leaf = try #require(answer.string("leaf").flatMap { Digest($0) })
        #expect(
          MerkleProof.verifyInclusion(
            of: leaf, at: position - 1, in: size, root: root,
            proof: digests(answer.json?["path"])))
        let other = shop.get("/ledger/tree/consistency?from=\(position)&to=\(size)")
        let first = try #require(other.string("from", "root").flatMap { Digest($0) })
        #expect(
          MerkleProof.verifyConsistency(
            from: position, root: first, to: size, root: root,
            proof: digests(other.json?["path"])))
      }
    }
    let head = shop.get("/ledger/tree/head")
    #expect(head.number("size") == Int(end))
    #expect(shop.get("/ledger/tree/inclusion?position=1").number("size") == Int(end))
    #expect(head.string("ledger")?.utf8.count == 32)
    #expect(head.string("checkpoint")?.hasPrefix("\(end)@") == true)
  }

  @Test(arguments: [
    ("inclusion?position=5&size=4", 400), ("inclusion?position=0&size=4", 400),
    ("inclusion?position=1&size=0", 400), ("inclusion?position=1&size=9999", 404),
    ("inclusion?position=9999", 400), ("inclusion?size=4", 400), ("inclusion?position=x", 400),
    ("inclusion?position=18446744073709551615&size=18446744073709551615", 404),
    ("inclusion?position=18446744073709551616", 400), ("inclusion?position=-1", 400),
    ("consistency?from=0&to=4", 400), ("consistency?from=5&to=4", 400),
    ("consistency?from=4&to=9999", 404), ("consistency?from=9999", 404), ("consistency", 400),
    ("consistency?from=2026-11-21T00:00:00Z", 400), ("head?size=9999", 404),
    ("head?size=4&as_of=4", 400), ("head?size=18446744073709551615", 404),
  ])
  func `refuse proofs of what no tree holds`(_ target: String, _ status: Int) throws {
    let shop = try ReadingHouse(seed: 4, steps: 2)
    let answer = shop.get("/ledger/tree/\(target)")
    #expect(answer.status == status, "\(answer.text)")
    #expect(answer.message?.hasSuffix(".") == true)
  }

  @Test func `hand out proofs of membership whole`() throws {
    let shop = try ReadingHouse(seed: 5, steps: 0)
    let answer = shop.get(
      "/ledger/prove?external_id=customer-1&partner=hightouch&cohort_id=vip")
    let proof = try shop.now.prove(UserID(2), shop.house.shop.cohort("vip"))
    #expect(answer.json?["is_member"]?.bool == true)
    #expect(answer.text.hasSuffix(String(proof.json.dropFirst())))
    #expect(answer.number("as_of", "position") == Int(shop.now.end.rawValue))
  }
}
