/// Finds what somebody probably meant to write.
///
/// An edit inserts, removes or replaces one byte, or swaps two neighbours.
package enum NearestText {
  /// The candidate that takes the fewest edits to come from `text`; the first of equals.
  ///
  /// - Returns: `nil` only if there are no candidates.
  package static func nearest(to text: [UInt8], in candidates: some Sequence<[UInt8]>) -> [UInt8]? {
    nearest(to: text, within: .max, in: candidates) { $0 }
  }

  package static func nearest(to text: String, in candidates: some Sequence<String>) -> String? {
    nearest(to: Array(text.utf8), within: .max, in: candidates) { Array($0.utf8) }
  }

  /// The candidate whose text looks most like `text`, if any looks alike at all: if at most a third
  /// of it, or two bytes, must be edited.
  package static func alike<Candidate: CustomStringConvertible>(
    to text: String, in candidates: some Sequence<Candidate>
  ) -> Candidate? {
    let typed = Array(text.utf8)
    return nearest(to: typed, within: max(2, typed.count / 3), in: candidates) {
      Array($0.description.utf8)
    }
  }

  private static func nearest<Candidate>(
    to text: [UInt8], within limit: Int, in candidates: some Sequence<Candidate>,
    _ bytes: (Candidate) -> [UInt8]
  ) -> Candidate? {
    var best: (candidate: Candidate, distance: Int)?
    for candidate in candidates {
      let other = bytes(candidate)
      let most = best.map { $0.distance - 1 } ?? limit
      // No candidate is nearer than the difference in length.
      guard abs(other.count - text.count) <= most else { continue }
      let distance = distance(text, other)
      if distance <= most { best = (candidate, distance) }
    }
    return best?.candidate
  }

  /// The number of edits between two texts.
  ///
  /// Compares at most 64 bytes behind a common beginning and before a common end, so it takes at
  /// most 64 × 64 steps however long the texts are; what is beyond counts as edited.
  package static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    let start = zip(a, b).prefix { $0 == $1 }.count
    let end = zip(a[start...].reversed(), b[start...].reversed()).prefix { $0 == $1 }.count
    let (a, b) = (a[start..<a.count - end], b[start..<b.count - end])
    let beyond = max(a.count - 64, b.count - 64, 0)
    return bounded(Array(a.prefix(64)), Array(b.prefix(64))) + beyond
  }

  /// Fills the table of distances between all beginnings, of which three rows are kept.
  private static func bounded(_ a: [UInt8], _ b: [UInt8]) -> Int {
    if a.isEmpty || b.isEmpty { return max(a.count, b.count) }
    var twoUp = [Int](repeating: 0, count: b.count + 1)
    var up = Array(0...b.count)
    for row in 1...a.count {
      var current = [row]
      for column in 1...b.count {
        let cost = a[row - 1] == b[column - 1] ? 0 : 1
        var least = min(up[column] + 1, current[column - 1] + 1, up[column - 1] + cost)
        if row > 1, column > 1, a[row - 1] == b[column - 2], a[row - 2] == b[column - 1] {
          least = min(least, twoUp[column - 2] + 1)
        }
        current.append(least)
      }
      (twoUp, up) = (up, current)
    }
    return up[b.count]
  }
}
