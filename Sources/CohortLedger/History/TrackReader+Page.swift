import CohortLog
import CohortModel

/// Some members of a cohort at a position.
package struct MembersPart: Hashable, Sendable {
  /// Ascending.
  package var users: [UInt32]
  /// Whether there are members behind the last of them.
  package var hasMore: Bool

  package init(_ users: [UInt32] = [], hasMore: Bool = false) {
    (self.users, self.hasMore) = (users, hasMore)
  }
}

extension LiveUsers {
  /// The members behind `user`, at most `limit` of them.
  package func part(after user: UInt32, limit: Int) -> MembersPart {
    var part = MembersPart()
    part.users.reserveCapacity(min(limit, count))
    append(after: user, atMost: limit, to: &part.users)
    guard part.users.count == limit, let last = part.users.last else { return part }
    part.hasMore = next(after: last) != nil
    return part
  }
}

extension TrackReader {
  /// The members behind `user` at a place, at most `limit` of them.
  ///
  ///     base      ├──────piece──────┼──────piece──────┤     who was in, by number
  ///     changes      ·  ·│ ·  ·  ·  │·   · ·  ·   ·         of the tile, up to the place
  ///                      ╰─ window ─╯                       behind `user`: only this is moved
  ///
  /// A window ends where the base has enough members for the page, or with its piece. Where that
  /// is too little, because many have left or came only after the base, another one follows.
  ///
  /// - Complexity: O(page), and about 50 ns for each change between the base and the place.
  mutating func page(
    after user: UInt32, limit: Int, at place: Place
  ) throws(LogError) -> MembersPart {
    guard limit > 0, user < .max else { return MembersPart() }
    let wanted = limit + 1
    let base = baseIndex(at: place.block)
    let start = Place(block: base.map { track.bases[$0].block } ?? 0, row: 0)
    let parts = try self.parts(from: start, to: place)
    var (found, from, width) = ([UInt32](), user + 1, UInt32(clamping: max(1_024, 2 * wanted)))
    found.reserveCapacity(wanted)
    var lastChanged: UInt32?
    while true {
      let (users, through) =
        try base.map { index throws(LogError) in try piece(index, of: from) }
        ?? (LiveUsers(), .max)
      var end = through
      // Some more, for those who left since.
      let rest = wanted - found.count
      if let enough = users.user(rest + rest / 8 + 64, from: from) {
        end = min(through, enough)
      } else if through == .max {
        // Whoever is behind the last piece came with a change.
        let last = lastChanged ?? parts.compactMap { $0.block.lastUser(in: $0.rows) }.max() ?? 0
        lastChanged = last
        let greatest = max(last, users.last ?? 0)
        if greatest < from { break }
        end = min(greatest, from.advanced(byUpTo: width))
      }
      end = min(end, from.advanced(byUpTo: Self.widthMax))
      var window = FoldWindow(from...end, of: users)
      for part in parts { part.block.fold(part.rows, into: &window) }
      window.append(atMost: rest, to: &found)
      if found.count == wanted || end == .max { break }
      from = end + 1
      width = min(width * 8, Self.widthMax)
    }
    let hasMore = found.count > limit
    if hasMore { found.removeLast() }
    return MembersPart(found, hasMore: hasMore)
  }

  /// A window of so many users takes 512 KiB.
  private static var widthMax: UInt32 { 1 << 22 }

  /// The members of a base in the piece of `user`, and up to whom it speaks of them.
  private mutating func piece(
    _ base: Int, of user: UInt32
  ) throws(LogError) -> (users: LiveUsers, through: UInt32) {
    if let piece = track.bases[base].part.piece(of: user) { return piece }
    return (try self.base(base), .max)
  }
}

extension UInt32 {
  /// The number `distance` behind this one, or the greatest there is.
  fileprivate func advanced(byUpTo distance: UInt32) -> UInt32 {
    let (sum, isOver) = addingReportingOverflow(distance)
    return isOver ? .max : sum
  }
}
