/// Which subtrees a proof consists of, as ranges of leaves, lowest first.
///
/// RFC 6962 splits `count` leaves after the largest power of two that is less than `count`, and so
/// on below. A range met on the way therefore begins at a multiple of every power of two that is
/// less than its count, and all of it but the right edge of the tree is complete.
enum MerklePath {
  /// The neighbours on the way from leaf `index` up: section 2.1.1, PATH(m, D[n]).
  ///
  /// - Precondition: `index < size`.
  static func inclusion(of index: UInt64, in size: UInt64) -> [Range<UInt64>] {
    var path: [Range<UInt64>] = []
    var here = 0..<size
    while here.upperBound - here.lowerBound > 1 {
      let middle = split(here)
      let (left, right) = (here.lowerBound..<middle, middle..<here.upperBound)
      path.append(index < middle ? right : left)
      here = index < middle ? left : right
    }
    return path.reversed()
  }

  /// What the trees of `earlier` and `later` leaves have in common, and what the later one has
  /// besides: section 2.1.2, PROOF(m, D[n]).
  ///
  /// - Precondition: `earlier <= later`.
  static func consistency(from earlier: UInt64, to later: UInt64) -> [Range<UInt64>] {
    guard earlier > 0, earlier < later else { return [] }
    var path: [Range<UInt64>] = []
    var here = 0..<later
    while here.upperBound != earlier {
      let middle = split(here)
      let (left, right) = (here.lowerBound..<middle, middle..<here.upperBound)
      path.append(earlier <= middle ? right : left)
      here = earlier <= middle ? left : right
    }
    // A range from 0 is the earlier tree itself, whose root the verifier has.
    if here.lowerBound > 0 { path.append(here) }
    return path.reversed()
  }

  /// Where the left subtree of a range of two leaves or more ends.
  static func split(_ range: Range<UInt64>) -> UInt64 {
    let last = range.upperBound - range.lowerBound - 1
    return range.lowerBound + 1 << UInt64(63 - last.leadingZeroBitCount)
  }
}
