package import CohortLog
package import CohortModel

extension History: MembershipPast {
  package func forEachChange(
    of cohort: CohortID, after start: Position, through end: Position,
    _ body: (_ row: HistoryRow, _ bytes: Span<UInt8>) -> Void
  ) throws(LogError) {
    guard start < end else { return }
    var reader = TrackReader(cohort, of: self)
    let (first, last) = (try reader.place(at: start), try reader.place(at: end))
    try reader.forEachChange(from: first, to: last) { block, row in
      body(block.rows[row], block.bytes.span)
      return true
    }
  }
}
