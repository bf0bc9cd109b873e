import CohortModel

/// "400 with the nearest name."
extension NaiveLedger {
  /// silent: nearest by edits of bytes, among the cohorts of the partner if it has any, else
  /// among all; the smallest name where several are as near.
  func nearestCohort(to name: CohortName) -> CohortName? {
    let all = now.cohorts.values.map(\.name)
    let own = all.filter { $0.partner == name.partner }
    return (own.isEmpty ? all : own).min { a, b in
      (edits(a.cohortID.bytes, name.cohortID.bytes), a)
        < (edits(b.cohortID.bytes, name.cohortID.bytes), b)
    }
  }

  func nearestSegment(to text: Text) -> Text? {
    now.segments.keys.map { Text($0.description) }.min { a, b in
      (edits(a.bytes, text.bytes), a) < (edits(b.bytes, text.bytes), b)
    }
  }

  /// How many bytes must be inserted, deleted or replaced (Levenshtein).
  private func edits(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var row = Array(0...b.count)
    for (i, left) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, right) in b.enumerated() {
        let above = row[j + 1]
        row[j + 1] = min(above + 1, row[j] + 1, diagonal + (left == right ? 0 : 1))
        diagonal = above
      }
    }
    return row[b.count]
  }
}
