extension LiveUsers {
  /// How many bytes `append(to:)` writes.
  ///
  /// - Complexity: O(chunks).
  package var byteCount: Int {
    var length = 4 + 4 * chunks.count
    for index in chunks.indices { length += 8 * UserChunk.lengthAtRest(count: chunks[index].count) }
    return length
  }

  /// Cuts the set into parts of about `size` bytes each at rest, of ascending users.
  ///
  /// They share the chunks of this set.
  package func pieces(ofBytes size: Int) -> [LiveUsers] {
    var pieces: [LiveUsers] = []
    var (piece, length) = (LiveUsers(), 0)
    for index in chunks.indices {
      piece.chunks.append(chunks[index])
      piece.count += chunks[index].count
      length += 4 + 8 * UserChunk.lengthAtRest(count: chunks[index].count)
      if length >= size {
        pieces.append(piece)
        (piece, length) = (LiveUsers(), 0)
      }
    }
    if !piece.isEmpty { pieces.append(piece) }
    return pieces
  }

  /// Puts a set behind this one all of whose chunks lie behind those of this one.
  ///
  /// - Returns: `false`, and nothing has changed, if they do not.
  package mutating func append(piece: LiveUsers) -> Bool {
    guard let first = piece.chunks.first else { return true }
    if let last = chunks.last, last.key >= first.key { return false }
    chunks.append(contentsOf: piece.chunks)
    count += piece.count
    return true
  }
}
