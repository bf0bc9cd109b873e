import CohortHTTP
import CohortLedger
import CohortModel
import CohortServer
import CohortWire
import TestSupport
import Testing

@Suite struct `Runs of syncs that report in` {
  private static func field(_ sync: String, run: UInt32) -> (String, String) {
    let report = SyncRunReport(
      sync: Text(sync), run: run, started: Instant(microseconds: 1_800_000_000_000_000),
      finished: Instant(microseconds: 1_800_000_000_500_000), entered: 1, left: 0, unchanged: 3,
      sent: 1, rejected: 0, refused: 0, stopped: run == 2 ? .guard : nil, hasFailed: false)
    return ("sync-run", report.field)
  }

  private static func runs(_ answer: TestAnswer) -> [String] {
    answer.json?["sync_runs"]?.elements.map { run in
      let name = run["sync"]?.string.map { String(decoding: $0, as: UTF8.self) } ?? "?"
      return "\(name) \(run["run"]?.unsignedInteger ?? 0) \(run["key"]?.source ?? "?")"
    } ?? []
  }

  @Test func `stand in the status, the last of each sync and key`() throws {
    let house = try TestHouse()
    let (key, other) = (try house.key([.ledgerRead]), try house.key([.ledgerRead]))
    let last = house.shop.ledger.now.state.keys.records.count
    func tell(_ sync: String, _ run: UInt32, _ key: String) -> TestAnswer {
      house.get("/ledger/status", key: key, headers: [Self.field(sync, run: run)])
    }
    #expect(Self.runs(house.get("/ledger/status", key: key)).isEmpty)
    #expect(Self.runs(tell("a", 1, key)) == [#"a 1 "key:\#(last - 1)""#])
    _ = tell("b", 1, key)
    _ = tell("a", 9, other)
    let answer = tell("a", 2, key)
    #expect(
      Self.runs(answer) == [
        #"a 2 "key:\#(last - 1)""#, #"a 9 "key:\#(last)""#, #"b 1 "key:\#(last - 1)""#,
      ])
    let checker = SchemaChecker(document: try JSONDocument(parsing: OpenAPI.document).root)
    let described = checker.document["paths"]?["/ledger/status"]?["get"]?["responses"]?["200"]?[
      "content"]?["application/json"]?["schema"]
    let (schema, json) = (try #require(described), try #require(answer.json))
    #expect(checker.faults(json, schema) + checker.unnamed(json, [schema]) == [])
    for number in 0..<100 { _ = tell("sync-\(number)", 1, key) }
    let all = Self.runs(house.get("/ledger/status", key: other))
    #expect(all.count == 64)
    #expect(all.first?.hasPrefix("sync-99 ") == true && all.last?.hasPrefix("sync-36 ") == true)
  }

  @Test func `need a key that may read, and are refused when they are none`() throws {
    let house = try TestHouse()
    let (key, poor) = (try house.key([.ledgerRead]), try house.key([.ledgerPeople]))
    let field = Self.field("a", run: 1)
    #expect(house.get("/ledger/status", key: poor, headers: [field]).status == 403)
    #expect(house.get("/ledger/status", headers: [field]).status == 401)
    for bad in ["", "x", "{}", "e30", "bm90aGluZw"] {
      let answer = house.get("/ledger/status", key: key, headers: [("sync-run", bad)])
      #expect(answer.status == 400, "\(bad)")
    }
    #expect(Self.runs(house.get("/ledger/status", key: key)).isEmpty)
  }
}
