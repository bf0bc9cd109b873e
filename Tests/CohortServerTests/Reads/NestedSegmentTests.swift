import CohortModel
import TestSupport
import Testing

@Suite struct `Segments that include each other twice` {
  /// As deep as can be: every one includes the one before in both parts of a group.
  private func house() throws -> (house: TestHouse, key: String, last: String) {
    let house = try TestHouse()
    let key = try house.key()
    try house.shop.create(["a", "b"])
    try house.shop.push("vip", add: ["a"])
    var filter = #"{"cohorts":{"partner":"hightouch","includes":["vip"]}}"#
    var last = ""
    while true {
      let made = house.post("/segments/create", #"{"name":"S","filter":\#(filter)}"#, key: key)
      guard made.status == 201, let segment = made.string("segment_id") else {
        #expect(made.status == 400 && made.text.contains("nested more than 64 deep"))
        return (house, key, last)
      }
      last = segment
      filter = #"{"and":[{"segment":"\#(last)"},{"segment":"\#(last)"}]}"#
    }
  }

  @Test func `are told of a user, and with the users`() throws {
    let (house, key, last) = try house()
    let count = try #require(SegmentID(last)).rawValue
    #expect(count > 30)
    for (user, held) in [("a", Int(count)), ("b", 0)] {
      let shown = house.get("/ledger/users?external_id=\(user)", key: key)
      #expect(shown.status == 200 && shown.text.split(separator: "segment:").count == held + 1)
    }
    let exported = house.post("/users/export/ids", #"{"external_ids":["a","b"]}"#, key: key)
    #expect(exported.status == 200 || exported.status == 201)
  }

  @Test func `have a why of the length of their definitions`() throws {
    let (house, key, last) = try house()
    let count = Int(try #require(SegmentID(last)).rawValue)
    let why = house.get("/ledger/why?external_id=a&segment_id=\(last)", key: key)
    #expect(why.status == 200)
    // Each but the last is named twice, once with its parts.
    #expect(why.text.split(separator: #""kind":"segment""#).count == 2 * count)
    #expect(why.text.split(separator: #""parts":[],"holds":true"#).count == count)
    #expect(why.text.split(separator: #""kind":"leaf""#).count == 2)
  }
}
