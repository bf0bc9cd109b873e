/// The candidate whose text looks most like what was typed, if any looks alike at all.
///
/// - Complexity: O(n) edit distances over texts of at most 64 characters.
public func nearest<Candidate: CustomStringConvertible>(
  to text: String, in candidates: some Sequence<Candidate>
) -> Candidate? {
  let typed = Array(text.utf8.prefix(64))
  var best: (distance: Int, candidate: Candidate)?
  for candidate in candidates {
    let other = Array(candidate.description.utf8.prefix(64))
    let limit = min(best?.distance ?? .max, max(2, typed.count / 3) + 1)
    guard abs(other.count - typed.count) < limit else { continue }
    let distance = editDistance(typed, other)
    if distance < limit { best = (distance, candidate) }
  }
  return best?.candidate
}

/// Levenshtein's distance, with one row.
private func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
  var row = Array(0...b.count)
  for (i, x) in a.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for (j, y) in b.enumerated() {
      let above = row[j + 1]
      row[j + 1] = min(above + 1, row[j] + 1, diagonal + (x == y ? 0 : 1))
      diagonal = above
    }
  }
  return row[b.count]
}
