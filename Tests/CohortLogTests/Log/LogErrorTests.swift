import CohortFormat
import CohortLog
import CohortModel
import TestSupport
import Testing

@Suite struct `An error of the log` {
  @Test func `has two sentences: what is so, and what to do`() throws {
    let frame = try SampleLog().frames[1]
    let disk = DiskError(.write, errno: 5, path: "events.log")
    let anchor = LogAnchor(
      offset: 4_096, epoch: frame.header.epoch, size: 9, root: frame.root)
    let damage = Damage(
      offset: 5_000, after: Position(3), timeAfter: frame.header.time, next: frame.header,
      fault: .notAFrame(at: 5_000))
    let errors: [LogError] = [
      .noLedger(folder: "ledger"), .empty(path: "events.log"),
      .header(.notALog, path: "events.log"), .held(folder: "ledger", by: 7),
      .held(folder: "ledger", by: nil), .disk(disk), .damaged(damage),
      .damaged(
        Damage(offset: 4_096, after: .origin, timeAfter: nil, next: nil, fault: nil)),
      .lost(Loss(end: Position(3), seen: anchor)), .event(.unknownKind(99, at: Position(3))),
      .beyondEnd(Position(9), end: Position(3)),
      .noSuchText(TextName(position: Position(3), item: 1)), .diskFull(path: "events.log"),
      .notWritten(disk), .outcomeUnknown(disk), .stopped, .replaced(path: "events.log"),
      .readOnly(path: "events.log"),
    ]
    for error in errors {
      let text = error.description
      #expect(text.hasSuffix("."), "\(text)")
      #expect(text.split(separator: ". ").count >= 2, "\(text)")
      #expect(!text.contains("\n"), "\(text)")
    }
    #expect(Set(errors.map(\.description)).count == errors.count)
  }
}
