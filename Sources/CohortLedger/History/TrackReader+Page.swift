import CohortLog
import CohortModel

/// Some members of a cohort at a position.
package struct MembersPart: Hashable, Sendable {
  /// Ascending.
  package var users: [UInt32] = []
  /// Whether there are members behind the last of them.
  package var hasMore = false
  /// How many members there are in all.
  package let count: Int

  package init(of count: Int) { self.count = count }
}

extension LiveUsers {
  /// The members behind `user`, at most `limit` of them.
  package func part(after user: UInt32, limit: Int) -> MembersPart {
    var part = MembersPart(of: count)
    part.users.reserveCapacity(min(limit, count))
    append(after: user, atMost: limit, to: &part.users)
    guard part.users.count == limit, let last = part.users.last else { return part }
    part.hasMore = next(after: last) != nil
    return part
  }
}

extension TrackReader {
  /// The members behind `user` at a position, at most `limit` of them.
  ///
  ///     base      ├──────piece──────┼──────piece──────┤     who was in, by number
  ///     turns        ·  ·│ ·  ·  ·  │·   · ·  ·   ·         of the tile, up to the position
  ///                      ╰─ window ─╯                       behind `user`: only this is moved
  ///
  /// A window ends with a strip in which the base has enough members for the page, or with its
  /// piece. Where that is too little, because many have left or came only after the base, another
  /// one follows.
  ///
  /// - Complexity: O(page + turns in its windows) where others have asked about the tile before;
  ///   else also about 50 ns for each change between the base and the position.
  /// - Returns: `nil` only in haste.
  mutating func page(
    after user: UInt32, limit: Int, at position: Position
  ) throws(LogError) -> MembersPart? {
    let tile = tile(at: position)
    guard let last = try lastSize(of: tile, at: position) else { return nil }
    var page = MembersPart(of: Int(last.size))
    guard limit > 0, user < .max, last.size > 0 else { return page }
    let wanted = limit + 1
    page.users.reserveCapacity(wanted)
    var (from, newcomers) = (user + 1, Newcomers())
    while true {
      guard let (users, through) = try piece(tile.base, of: from) else { return nil }
      // Whoever is behind the last piece came with a change.
      let bound = through == .max ? max(last.lastUser, users.last ?? 0) : through
      if bound < from { break }
      let width: UInt32
      // Some more, for those who left since.
      if let enough = users.user(wanted + wanted / 8 + 64, from: from) {
        width = enough - from
      } else if through < .max {
        width = through - from
      } else {
        width = newcomers.width(of: wanted, among: Int(last.size), within: bound - from)
      }
      let strip = TileReadings.Strip(of: from, atLeast: width)
      let end = min(strip.users.upperBound, bound)
      var window = FoldWindow(from...end, of: users)
      if tile.count > 0 {
        guard let turns = try turns(of: strip, in: tile) else { return nil }
        window.change(turns.entries(through: tile.closedEnd).span)
      }
      track.open.fold(0..<tile.openRows, into: &window)
      window.append(atMost: wanted - page.users.count, to: &page.users)
      let isWhole = user == 0 && page.users.count == page.count
      if page.users.count == wanted || isWhole || end == .max { break }
      from = end + 1
    }
    page.hasMore = page.users.count > limit
    if page.hasMore { page.users.removeLast() }
    return page
  }

  /// Guesses where those are who came behind all members of a base.
  struct Newcomers {
    private var rounds = 0

    /// How far `wanted` of `count` reach who are spread over `range` evenly; if they are not, eight
    /// times as far each time.
    mutating func width(of wanted: Int, among count: Int, within range: UInt32) -> UInt32 {
      let even = Int(range) / max(1, count) * (wanted + wanted / 8)
      let first = max(2 * wanted, even)
      defer { rounds = min(rounds + 3, 30) }
      return first > Int(range) >> rounds ? range : UInt32(first << rounds)
    }
  }

  /// The members of a base in the piece of `user`, and up to whom it speaks of them; nobody before
  /// the first base.
  ///
  /// - Returns: `nil` if the piece is not at hand, in haste.
  private mutating func piece(
    _ base: Int?, of user: UInt32
  ) throws(LogError) -> (users: LiveUsers, through: UInt32)? {
    guard let base else { return (LiveUsers(), .max) }
    if let piece = track.bases[base].part.piece(of: user, ifAtHand: isHasty) { return piece }
    return isHasty ? nil : (try self.base(base), .max)
  }
}
