import CohortModel
import CohortWire
import Testing

@Suite struct `What a run of a sync tells a ledger` {
  private static func report(_ stop: SyncRunReport.Stop?, failed: Bool) -> SyncRunReport {
    SyncRunReport(
      sync: "repeat-buyers", run: 7, started: Instant(microseconds: 1_800_000_000_000_000),
      finished: Instant(microseconds: 1_800_000_000_500_000), entered: 1, left: 2, unchanged: 3,
      sent: 4, rejected: 5, refused: .max, stopped: stop, hasFailed: failed)
  }

  @Test func `is read as it was written`() throws {
    for stop in SyncRunReport.Stop.allCases + [nil] {
      for failed in [false, true] {
        let report = Self.report(stop, failed: failed)
        #expect(try SyncRunReport(field: Array(report.field.utf8)) == report)
      }
    }
  }

  @Test func `is refused when anything is missing, more or another`() throws {
    let members = Self.report(nil, failed: false).members
    func isRefused(_ members: [JSONText.Member]) -> Bool {
      let field = Base64URL.encode(JSONText.object(members).bytes)
      do throws(WireError) {
        _ = try SyncRunReport(field: field)
        return false
      } catch { return error.status == 400 && error.hasTwoSentences }
    }
    for index in members.indices where members[index].key != "stopped" {
      var fewer = members
      fewer.remove(at: index)
      #expect(isRefused(fewer), "\(members[index].key)")
      for value: JSONText in [.null, [], "x", .integer(-1), .integer(1 << 33)] {
        if members[index].key == "sync", value == "x" { continue }
        var changed = members
        changed[index] = JSONText.Member(members[index].key, value)
        #expect(isRefused(changed), "\(members[index].key) \(value)")
      }
    }
    #expect(isRefused(members + [JSONText.Member("more", 1)]))
    let long = String(repeating: "s", count: 201)
    for name in ["", long] {
      #expect(isRefused([JSONText.Member("sync", .string(name))] + members.dropFirst()))
    }
    let field = Array(Self.report(.guard, failed: false).field.utf8)
    for count in field.indices {
      #expect(throws: WireError.self) { try SyncRunReport(field: Array(field[..<count])) }
    }
    #expect(throws: WireError.self) {
      try SyncRunReport(field: field + [UInt8](repeating: 0x41, count: 2_048))
    }
  }
}
