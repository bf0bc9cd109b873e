import CohortFormat
import CohortLog
import TestSupport
import Testing

@testable import CohortLedger
@testable import CohortModel

/// Snapshots whose checksums and places are right, and whose definitions are not those of the log.
@Suite struct `A snapshot with other definitions` {
  @Test func `is believed as far as they make sense`() throws {
    // That the others are void shows something only because this one is taken.
    let ledger = try started(behind: segment(name: "False", .includes([CohortID(2)])))
    #expect(ledger.now.state.segments.definition(of: SegmentID(1))?.name == "False")
    try ledger.close()
  }

  @Test func `is void if one of them makes none, and the log is replayed`() throws {
    let (one, two) = (SegmentID(1), SegmentID(2))
    let senseless: [Event] = [
      segment(.includes([CohortID(3)])), segment(.includes([CohortID(0)])),
      segment(.not(.includes([CohortID(.max)]))), segment(.segment(one)), segment(.segment(two)),
      segment(of: two, .includes([CohortID(1)])),
      segment(of: SegmentID(0), .includes([CohortID(1)])),
      campaign(1, [two]), campaign(1, [SegmentID(0)]), campaign(2, [one]), campaign(0, [one]),
    ]
    let log = ForgedLog.shop()
    let honest = try log.open(on: try log.disk()).get()
    let expected = StateDigest(of: honest.now.state).value
    try honest.close()
    for event in senseless {
      let ledger = try started(behind: event)
      #expect(StateDigest(of: ledger.now.state).value == expected, "\(event)")
      let saved = ledger.now.state.segments.definition(of: one)
      #expect(saved?.name == "Best", "\(event)")
      try ledger.close()
    }
  }

  /// A shop that was started behind a snapshot in which `event` stands in place of its like.
  private func started(behind event: Event) throws -> Ledger {
    let log = ForgedLog.shop()
    let disk = try log.disk()
    let first = try log.open(on: disk).get()
    var core = first.disk.durable.core
    var replaced = 0
    for index in core.definitions.indices
    where EventKind(of: core.definitions[index].event) == EventKind(of: event) {
      let old = core.definitions[index]
      core.definitions[index] = Recorded(
        position: old.position, time: old.time, key: old.key, request: old.request, event: event)
      replaced += 1
    }
    #expect(replaced == 1)
    let anchor = try #require(first.log.reader.anchor(behind: core.state.position))
    try first.log.snapshots.write(core, behind: anchor, first.log.reader.index)
    try first.close()
    return try log.open(on: disk).get()
  }

  private func segment(
    of segment: SegmentID = SegmentID(1), name: Text = "Worst", _ filter: Filter
  ) -> Event {
    .segmentSaved(
      SegmentSaved(
        segment: segment, version: 1, name: name, description: "", tags: [], filter: filter))
  }

  private func campaign(_ number: UInt32, _ segments: [SegmentID]) -> Event {
    .campaignSaved(
      CampaignSaved(
        campaign: CampaignReference(kind: .campaign, number: number), version: 1, name: "Hello",
        description: "", tags: [], audience: Audience(segments: segments, filter: nil)))
  }
}
