package import CohortModel

/// Every node of the tree that stands above whole blocks of 256 leaves.
///
///     row 2                    ╱────────────┴────────────╲
///     row 1           ╱────────┴────────╲       ╱────────┴────────╲
///     row 0          root              root    root              root   root       256 leaves each
///                 ╱─────┴─────╲      ╱────╲   ╱────╲            ╱────╲ ╱────╲
///     leaves      not kept: read again from the log, one block or two for a proof        ╰
///     frontier
///
/// That is a quarter of a byte for each leaf, and from it the root at any size, inclusion proofs
/// and consistency proofs follow. Rows share their chunks with copies, so a reader can hold a copy
/// while the writer appends.
///
/// Invariant: row k has `size >> (8 + k)` digests, and `frontier.size == size`.
///
/// Functions that need leaf hashes ask for them by their numbers, from 0, always within one block.
/// Answer with exactly as many; what is thrown instead is passed on, and nothing has changed.
package struct MerkleIndex: Sendable {
  /// The right edge at ``size``.
  package private(set) var frontier = MerkleFrontier()
  private var rows: [DigestRow] = []

  package init() {}

  /// The tree whose whole blocks have these roots and whose right edge is `frontier`, as a
  /// snapshot kept both.
  ///
  /// - Returns: `nil` if they do not fit together.
  package init?(blockRoots: [Digest], frontier: MerkleFrontier) {
    guard UInt64(blockRoots.count) == frontier.size / Self.blockSize else { return nil }
    for root in blockRoots { append(blockRoot: root) }
    guard frontier.peaks.starts(with: self.frontier.peaks) else { return nil }
    self.frontier = frontier
  }

  /// In leaves.
  package static let blockSize: UInt64 = 1 << UInt64(blockHeight)
  static let blockHeight = 8

  /// The number of leaves.
  package var size: UInt64 { frontier.size }

  /// The tree head.
  package var root: Digest { frontier.root }

  /// The number of blocks that are complete.
  package var blockCount: Int { rows.first?.count ?? 0 }

  /// The root of the block of leaves `256 * block ..< 256 * (block + 1)`, to check them against,
  /// or to keep in a snapshot.
  ///
  /// - Precondition: `block` is less than ``blockCount``.
  package func blockRoot(_ block: Int) -> Digest { rows[0][block] }

  /// Adds one leaf hash.
  package mutating func append(_ leaf: Digest) { append(leaf, height: 0) }

  /// Adds the root of a whole block, as a snapshot kept it.
  ///
  /// - Precondition: ``size`` is a multiple of 256.
  package mutating func append(blockRoot: Digest) {
    append(blockRoot, height: MerkleIndex.blockHeight)
  }

  /// Adds leaf hashes in their order.
  package mutating func append(contentsOf leaves: [Digest]) {
    var rows = rows
    self.rows = []
    frontier.append(contentsOf: leaves) { height, root in rows.add(root, height: height) }
    self.rows = rows
  }

  /// Adds leaves that have been added to a copy of ``frontier`` already.
  ///
  /// - Precondition: Nothing was added to the tree or to the copy since.
  package mutating func append(_ growth: MerkleGrowth) {
    for subtree in growth.subtrees { rows.add(subtree.root, height: subtree.height) }
    frontier = growth.frontier
    precondition(UInt64(blockCount) == size / Self.blockSize, "the growth is of another tree")
  }

  private mutating func append(_ subtree: Digest, height: Int) {
    frontier.append(subtree, height: height) { height, root in rows.add(root, height: height) }
  }

  /// Forgets every leaf behind the first `size`.
  ///
  /// - Precondition: `size` is at most ``size``.
  package mutating func truncate<E>(
    to size: UInt64, leaves: (Range<UInt64>) throws(E) -> [Digest]
  ) throws(E) {
    guard let frontier = try frontier(at: size, leaves: leaves) else {
      preconditionFailure("a tree cannot be cut to more leaves than it has")
    }
    self.frontier = frontier
    for row in rows.indices { rows[row].truncate(to: Int(size >> UInt64(row + 8))) }
    rows.removeAll { $0.count == 0 }
  }

  /// The right edge as it was when the tree had `size` leaves.
  ///
  /// - Returns: `nil` if it never had so many.
  /// - Complexity: O(log n), and up to 255 hashes for the leaves of one block.
  package func frontier<E>(
    at size: UInt64, leaves: (Range<UInt64>) throws(E) -> [Digest]
  ) throws(E) -> MerkleFrontier? {
    guard size <= self.size else { return nil }
    if size == self.size { return frontier }
    var peaks: [Digest] = []
    for height in (MerkleIndex.blockHeight..<64).reversed() where size >> height & 1 == 1 {
      peaks.append(rows[height - MerkleIndex.blockHeight][Int(size >> height) - 1])
    }
    let open = size & ~(MerkleIndex.blockSize - 1)..<size
    if !open.isEmpty {
      var block = MerkleFrontier()
      block.append(contentsOf: try read(open, leaves))
      peaks.append(contentsOf: block.peaks)
    }
    return MerkleFrontier(size: size, peaks: peaks)
  }
}

extension MerkleIndex {
  /// The proof that leaf `index` is in the tree of the first `size` leaves.
  ///
  /// - Returns: The path of RFC 6962, section 2.1.1, or `nil` unless `index < size <= self.size`.
  /// - Complexity: O(log n), and the leaf hashes of at most two blocks.
  package func inclusionProof<E>(
    of index: UInt64, in size: UInt64, leaves: (Range<UInt64>) throws(E) -> [Digest]
  ) throws(E) -> [Digest]? {
    guard index < size, size <= self.size else { return nil }
    return try digests(of: MerklePath.inclusion(of: index, in: size), at: size, leaves)
  }

  /// The proof that the tree of the first `earlier` leaves is a prefix of that of the first
  /// `later`.
  ///
  /// - Returns: The proof of RFC 6962, section 2.1.2, empty if either tree is empty or they are
  ///   equal, or `nil` unless `earlier <= later <= self.size`.
  /// - Complexity: O(log n), and the leaf hashes of at most two blocks.
  package func consistencyProof<E>(
    from earlier: UInt64, to later: UInt64, leaves: (Range<UInt64>) throws(E) -> [Digest]
  ) throws(E) -> [Digest]? {
    guard earlier <= later, later <= self.size else { return nil }
    return try digests(of: MerklePath.consistency(from: earlier, to: later), at: later, leaves)
  }

  /// The roots of subtrees of the tree with `size` leaves, lowest first.
  ///
  /// Those inside one block follow each other, so the last block read is the only one kept.
  private func digests<E>(
    of subtrees: [Range<UInt64>], at size: UInt64, _ leaves: (Range<UInt64>) throws(E) -> [Digest]
  ) throws(E) -> [Digest] {
    var block = LeafBlock()
    var digests: [Digest] = []
    for subtree in subtrees {
      digests.append(try digest(of: subtree, at: size, &block, leaves))
    }
    return digests
  }

  private func digest<E>(
    of subtree: Range<UInt64>, at size: UInt64, _ block: inout LeafBlock,
    _ leaves: (Range<UInt64>) throws(E) -> [Digest]
  ) throws(E) -> Digest {
    let (start, count) = (subtree.lowerBound, subtree.upperBound - subtree.lowerBound)
    if count < MerkleIndex.blockSize {
      if !block.range.contains(start) {
        let first = start & ~(MerkleIndex.blockSize - 1)
        block.range = first..<min(first + MerkleIndex.blockSize, size)
        block.leaves = try read(block.range, leaves)
      }
      let offset = Int(start - block.range.lowerBound)
      var frontier = MerkleFrontier()
      frontier.append(contentsOf: Array(block.leaves[offset..<offset + Int(count)]))
      return frontier.root
    }
    if count.nonzeroBitCount == 1 {
      let height = count.trailingZeroBitCount
      return rows[height - MerkleIndex.blockHeight][Int(start >> height)]
    }
    let middle = MerklePath.split(subtree)
    let left = try digest(of: start..<middle, at: size, &block, leaves)
    let right = try digest(of: middle..<subtree.upperBound, at: size, &block, leaves)
    return MerkleHash.node(left, right)
  }

  private func read<E>(
    _ range: Range<UInt64>, _ leaves: (Range<UInt64>) throws(E) -> [Digest]
  ) throws(E) -> [Digest] {
    let read = try leaves(range)
    precondition(read.count == range.count, "every leaf that was asked for has one hash")
    return read
  }
}

/// The leaf hashes that were read last.
private struct LeafBlock {
  var range: Range<UInt64> = 0..<0
  var leaves: [Digest] = []
}

extension [DigestRow] {
  /// Notes a completed subtree, unless it is lower than a block.
  fileprivate mutating func add(_ root: Digest, height: Int) {
    let row = height - MerkleIndex.blockHeight
    guard row >= 0 else { return }
    if row == count { append(DigestRow()) }
    self[row].append(root)
  }
}
