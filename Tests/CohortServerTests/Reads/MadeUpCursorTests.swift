import CohortLedger
import CohortModel
import CohortServer
import CohortWire
import TestSupport
import Testing

@Suite struct `A next that no page gave` {
  /// Every list that has pages, with limit 1; those of a fixed moment say so.
  private static func lists(_ end: Position) -> [(target: String, isFixed: Bool)] {
    let asOf = "&as_of=\(end.rawValue)"
    let cohort = "/ledger/cohorts/hightouch/vip"
    let segment = "segment_id=segment:1&limit=1"
    return [
      ("/ledger/cohorts?limit=1", false), ("/ledger/cohorts?limit=1\(asOf)", true),
      ("\(cohort)/members?limit=1", false), ("\(cohort)/members?limit=1\(asOf)", true),
      ("\(cohort)/members?limit=1&identity=now", false),
      ("\(cohort)/members?limit=1&at=2001-01-01T00:00:00Z", false),
      ("\(cohort)/diff?from=5&limit=1", false),
      ("\(cohort)/diff?from=5&to=\(end.rawValue)&limit=1&identity=now", true),
      ("\(cohort)/changes?limit=1", false), ("\(cohort)/changes?limit=1\(asOf)", true),
      ("\(cohort)/changes?limit=1&sort_direction=desc", false),
      ("/ledger/users/history?user=1&limit=1", false), ("/ledger/partners?limit=1", false),
      ("/ledger/keys?limit=1", false), ("/ledger/keys/key:0/activity?limit=1", false),
      ("/segments/versions?\(segment)", false), ("/segments/members?\(segment)", false),
      ("/segments/members?\(segment)\(asOf)", true),
      ("/segments/members?\(segment)&definition=now&identity=now", false),
      ("/audiences/send:1?limit=1", true), ("/audiences/send:1?limit=1&identity=now", true),
    ]
  }

  /// Values at which numbers go over, and those around that of a page.
  private static func values(around word: UInt64) -> Set<UInt64> {
    [0, 1, 2, 3, 1 << 31, 1 << 32, 1 << 63, .max, word &- 1, word, word &+ 1]
  }

  private static func house() throws -> ReadingHouse {
    let house = try ReadingHouse(seed: 11, steps: 20)
    let shop = house.house.shop
    // Everybody is created anew, so that each list has two items whatever happened before.
    try shop.create(["anna", "berta", "clara"])
    try shop.push("vip", add: ["anna", "berta", "clara"])
    let vip = CohortName(partner: TestShop.partner, cohortID: "vip")
    let hour = try #require(Period(seconds: 3_600))
    try shop.submit(
      .saveSegment(
        SaveSegment(
          name: "Young", description: "came lately", filter: .entered(vip, within: hour))))
    try shop.submit(.saveSegment(SaveSegment(segment: SegmentID(1), description: "came")))
    try shop.submit(
      .saveCampaign(
        SaveCampaign(
          kind: .campaign, name: "Autumn",
          audience: SaveCampaign.NamedAudience(segments: ["segment:1"], filter: nil))))
    _ = try house.launch()
    try shop.submit(.enablePartner(EnablePartner(code: "census", displayName: nil, key: .none)))
    return house
  }

  private static func word(_ index: Int, of cursor: PageCursor) -> UInt64 {
    switch index {
    case 0: cursor.position.rawValue
    case 1: UInt64(bitPattern: cursor.instant.microseconds)
    case 2: cursor.identities.rawValue
    case 3: cursor.earlier.rawValue
    case 4: cursor.after
    case 5: cursor.asked
    case 6: cursor.history.high
    default: cursor.history.low
    }
  }

  private static func set(_ index: Int, of cursor: PageCursor, to word: UInt64) -> PageCursor {
    var cursor = cursor
    switch index {
    case 0: cursor.position = Position(word)
    case 1: cursor.instant = Instant(microseconds: Int64(bitPattern: word))
    case 2: cursor.identities = Position(word)
    case 3: cursor.earlier = Position(word)
    case 4: cursor.after = word
    case 5: cursor.asked = word
    case 6: cursor.history.high = word
    default: cursor.history.low = word
    }
    return cursor
  }

  @Test func `is refused or answered, whatever stands in any of its words`() throws {
    let house = try Self.house()
    var statuses: [Int: Int] = [:]
    for (target, isFixed) in Self.lists(house.now.end) {
      let first = house.get(target)
      let next = try #require(first.string("next"), "\(target): \(first.text)")
      let honest = try #require(PageCursor(Array(next.utf8)))
      let second = house.get("\(target)&next=\(next)")
      #expect(second.status == 200, "\(target): \(second.text)")
      for index in 0..<8 {
        for value in Self.values(around: Self.word(index, of: honest)) {
          let cursor = Self.set(index, of: honest, to: value)
          for asLines in [false, true] {
            let answer = house.get("\(target)&next=\(cursor.text)", asLines: asLines)
            statuses[answer.status, default: 0] += 1
            let isExpected = [200, 400, 404, 409].contains(answer.status)
            #expect(isExpected, "\(target), word \(index) = \(value): \(answer.text)")
            if answer.status == 400 {
              #expect(answer.message?.contains("'next'") == true, "\(target): \(answer.text)")
            }
            if isFixed, answer.status == 200, !asLines {
              #expect(answer.json?["as_of"]?.source == first.json?["as_of"]?.source)
            }
          }
        }
      }
      // Nobody else's answer changed.
      if isFixed { #expect(house.get(target).text == first.text, "\(target)") }
    }
    #expect(house.get("/audiences/send:1?verify=true").json?["verified"]?.bool == true)
    #expect([200, 400, 409].allSatisfy { statuses[$0, default: 0] > 100 }, "\(statuses)")
  }

  @Test(
    arguments: [
      // A change of the position 0, of which some were shown.
      ("/ledger/cohorts/hightouch/vip/changes?limit=1", 4, 1),
      ("/ledger/cohorts/hightouch/vip/changes?limit=1", 4, 2),
      ("/ledger/cohorts/hightouch/vip/changes?limit=1", 4, 3),
      // Before all time; and before what is seen, which only `at` may ask for.
      ("/segments/members?segment_id=segment:1&limit=1", 1, 1 << 63),
      ("/segments/members?segment_id=segment:1&limit=1", 1, 1),
      // Another moment than the one of the send.
      ("/audiences/send:1?limit=1", 1, 1_000), ("/audiences/send:1?limit=1", 0, 20),
      // Another moment than the query's.
      ("/ledger/cohorts/hightouch/vip/members?as_of=30&limit=1", 0, 29),
      ("/ledger/cohorts/hightouch/vip/members?as_of=30&limit=1", 1, 1_000),
      ("/ledger/cohorts/hightouch/vip/members?at=2001-01-01T00:00:00Z&limit=1", 1, 1_000),
      ("/ledger/cohorts/hightouch/vip/diff?from=5&to=30&limit=1", 0, 29),
      ("/ledger/cohorts/hightouch/vip/diff?from=5&to=30&limit=1", 3, 4),
      // No user, or no cohort, has that number.
      ("/ledger/cohorts/hightouch/vip/members?limit=1", 4, 1_000_000),
      ("/ledger/cohorts/hightouch/vip/diff?from=5&limit=1", 4, 1 << 32),
      ("/ledger/cohorts?limit=1", 4, 99),
      // Identities before what is seen.
      ("/ledger/cohorts/hightouch/vip/members?limit=1&identity=now", 2, 1),
    ] as [(String, Int, UInt64)])
  func `says nothing that the parameters could not`(
    _ target: String, _ index: Int, _ value: UInt64
  ) throws {
    let house = try Self.house()
    let next = try #require(house.get(target).string("next"))
    let honest = try #require(PageCursor(Array(next.utf8)))
    let cursor = Self.set(index, of: honest, to: value)
    let answer = house.get("\(target)&next=\(cursor.text)")
    #expect(answer.status == 400, "\(answer.text)")
    #expect(answer.message?.hasPrefix("'next' is not the 'next' of the page before. ") == true)
  }
}
