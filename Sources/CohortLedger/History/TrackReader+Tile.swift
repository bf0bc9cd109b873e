import CohortLog
import CohortModel

extension TrackReader {
  /// Where a position lies: behind a base, some closed blocks, and perhaps rows of the open one.
  struct Tile {
    let base: Int?
    /// The first block.
    let first: Int
    /// How many blocks have rows at or before the position, from the first on.
    let count: Int
    let openRows: Int
    /// The position, or the last of the blocks: behind it a reading may tell of blocks that others
    /// have in place of the open one.
    let closedEnd: Position
  }

  func tile(at position: Position) -> Tile {
    let whole = track.blocks.count(while: { $0.last <= position })
    let isWithin = whole < track.blocks.count && track.blocks[whole].first <= position
    let base = baseIndex(at: whole)
    let first = base.map { track.bases[$0].block } ?? 0
    return Tile(
      base: base, first: first, count: whole + (isWithin ? 1 : 0) - first,
      openRows: whole == track.blocks.count ? track.open.count(through: position) : 0,
      closedEnd: isWithin || whole == 0 ? position : track.blocks[whole - 1].last)
  }

  /// What the cohort had come to at a position.
  ///
  /// - Returns: `nil` if the sizes are not at hand, in haste.
  mutating func lastSize(
    of tile: Tile, at position: Position
  ) throws(LogError) -> TileSize? {
    var last = TileSize(
      position: .origin, size: tile.first == 0 ? 0 : track.blocks[tile.first - 1].size,
      lastUser: 0)
    if tile.count > 0 {
      guard let sizes = try sizes(of: tile) else { return nil }
      last = sizes.entries(through: tile.closedEnd).last ?? last
    }
    if tile.openRows > 0 {
      let row = track.open.rows[tile.openRows - 1]
      let user = track.open.lastUser(in: 0..<tile.openRows) ?? 0
      last = TileSize(
        position: row.position, size: row.size, lastUser: max(last.lastUser, user))
    }
    return last
  }

  private mutating func sizes(of tile: Tile) throws(LogError) -> TileReading<TileSize>? {
    try reading(of: tile, in: readings.sizes, at: name(of: tile)) { block, sizes in
      var last = sizes.last?.lastUser ?? 0
      for (index, row) in block.rows.enumerated() {
        last = max(last, block.lastUser(in: index..<index + 1) ?? 0)
        sizes.append(TileSize(position: row.position, size: row.size, lastUser: last))
      }
    }
  }

  /// The turns of a strip in the closed blocks of a tile, of which there must be some.
  mutating func turns(
    of strip: TileReadings.Strip, in tile: Tile
  ) throws(LogError) -> TileReading<UserTurn>? {
    let key = TileReadings.Turns(tile: name(of: tile), strip: strip)
    return try reading(of: tile, in: readings.turns, at: key) { block, turns in
      block.appendTurns(of: strip.users, to: &turns)
    }
  }

  private func name(of tile: Tile) -> ObjectIdentifier {
    ObjectIdentifier(track.blocks[tile.first].part)
  }

  /// A reading of all closed blocks of a tile that there are up to a position, or more: the one
  /// that is known, or one that goes on where that ends and is kept in its place.
  ///
  /// - Returns: `nil` if there is more to be decoded, in haste.
  private mutating func reading<Key, Entry>(
    of tile: Tile, in caches: TileCaches<Key, TileReading<Entry>>, at key: Key,
    _ add: (HistoryBlock, inout [Entry]) -> Void
  ) throws(LogError) -> TileReading<Entry>? {
    var (blocks, entries) = ([SealedBlock](), [Entry]())
    if let known = caches.find(key) {
      // What was undone before it was durable may have been sealed otherwise.
      let common = min(known.blocks.count, tile.count)
      if known.blocks[common - 1] === track.blocks[tile.first + common - 1].part {
        if common == tile.count { return known }
        (blocks, entries) = (known.blocks, known.entries)
      }
    }
    if isHasty { return nil }
    for index in tile.first + blocks.count..<tile.first + tile.count {
      blocks.append(track.blocks[index].part)
      add(try block(index), &entries)
    }
    // Kept for long, so without the room that is left from growing.
    var exact: [Entry] = []
    exact.reserveCapacity(entries.count)
    exact += entries
    let reading = TileReading(blocks, exact)
    caches.keep(reading, of: reading.byteCount, at: key)
    return reading
  }
}
