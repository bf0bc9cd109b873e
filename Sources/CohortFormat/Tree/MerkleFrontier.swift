package import CohortModel

/// The right edge of a growing RFC 6962 tree: all that is needed to append leaves and know the
/// root.
///
/// The peaks are the roots of the complete subtrees that the leaves fall into, one for each bit
/// that is set in `size`, the largest first. For 13 leaves (8 + 4 + 1):
///
///              ╱╲
///            ╱    ╲            ╱╲
///          ╱╲      ╱╲        ╱    ╲
///         ╱  ╲    ╱  ╲      ╱╲    ╱╲
///         0 1 2 3 4 5 6 7   8 9  10 11   12       peaks: [0 ..< 8], [8 ..< 12], [12 ..< 13]
///
/// Invariant: `peaks.count == size.nonzeroBitCount`.
package struct MerkleFrontier: Hashable, Sendable {
  /// The number of leaves.
  package private(set) var size: UInt64 = 0
  package private(set) var peaks: [Digest] = []

  /// The tree without leaves.
  package init() {}

  /// The frontier whose complete subtrees have these roots, the largest first.
  ///
  /// - Returns: `nil` unless there is one peak for each bit that is set in `size`.
  package init?(size: UInt64, peaks: [Digest]) {
    guard peaks.count == size.nonzeroBitCount else { return nil }
    self.size = size
    self.peaks = peaks
  }

  /// The tree head of RFC 6962, section 2.1.
  ///
  /// - Complexity: O(log n), one hash for each peak but the first.
  package var root: Digest {
    guard var root = peaks.last else { return MerkleHash.emptyRoot }
    for peak in peaks.dropLast().reversed() { root = MerkleHash.node(peak, root) }
    return root
  }

  /// Adds one leaf hash.
  ///
  /// - Complexity: O(1) hashes on average, O(log n) at most.
  package mutating func append(_ leaf: Digest) { append(leaf, height: 0) { _, _ in } }

  /// Adds leaf hashes in their order.
  ///
  /// The same as adding them one by one, in about two thirds of the time for dozens of them.
  package mutating func append(contentsOf leaves: [Digest]) {
    append(contentsOf: leaves) { _, _ in }
  }
}

/// What leaves have done to a frontier: enough for a ``MerkleIndex`` to follow without hashing them
/// again.
package struct MerkleGrowth: Hashable, Sendable {
  /// A complete subtree of 2^`height` leaves.
  struct Subtree: Hashable, Sendable {
    let height: Int
    let root: Digest
  }

  /// The right edge behind the leaves.
  package let frontier: MerkleFrontier
  /// The subtrees they have completed, from ``MerkleIndex/blockHeight`` on, those of one height in
  /// their order.
  let subtrees: [Subtree]
}

extension MerkleFrontier {
  /// Adds leaf hashes in their order, and tells what that came to.
  package mutating func grow(by leaves: [Digest]) -> MerkleGrowth {
    var subtrees: [MerkleGrowth.Subtree] = []
    append(contentsOf: leaves) { height, root in
      guard height >= MerkleIndex.blockHeight else { return }
      subtrees.append(MerkleGrowth.Subtree(height: height, root: root))
    }
    return MerkleGrowth(frontier: self, subtrees: subtrees)
  }

  /// Adds the root of a complete subtree of 2^`height` leaves.
  ///
  /// `completed` hears of every subtree this completes, its height and root, the given one first.
  ///
  /// - Precondition: `size` is a multiple of 2^`height`.
  @inline(__always)
  mutating func append(
    _ subtree: Digest, height: Int, completed: (_ height: Int, _ root: Digest) -> Void
  ) {
    precondition(size & (1 << height - 1) == 0, "a subtree begins at a multiple of its size")
    var (root, height) = (subtree, height)
    let added = UInt64(1) << height
    completed(height, root)
    while size >> height & 1 == 1 {
      root = MerkleHash.node(peaks.removeLast(), root)
      height += 1
      completed(height, root)
    }
    peaks.append(root)
    size += added
  }

  /// Adds leaf hashes row by row, so that two nodes can be hashed side by side.
  ///
  /// `completed` hears of every subtree this completes, those of one height from left to right.
  mutating func append(
    contentsOf leaves: [Digest], completed: (_ height: Int, _ root: Digest) -> Void
  ) {
    guard leaves.count >= 4 else {
      for leaf in leaves { append(leaf, height: 0, completed: completed) }
      return
    }
    var (row, height) = (leaves, 0)
    var newPeaks: [Digest] = []
    while !row.isEmpty {
      for root in row { completed(height, root) }
      if size >> height & 1 == 1 { row.insert(peaks.removeLast(), at: 0) }
      if !row.count.isMultiple(of: 2) { newPeaks.append(row.removeLast()) }
      row = MerkleHash.parents(of: row)
      height += 1
    }
    peaks.append(contentsOf: newPeaks.reversed())
    size += UInt64(leaves.count)
  }
}

extension MerkleFrontier {
  /// `size` as u64 little-endian, then the peaks, 32 bytes each.
  package var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(8 + peaks.count * Digest.size)
    for shift in stride(from: 0, to: 64, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: size >> shift))
    }
    for peak in peaks { peak.append(to: &bytes) }
    return bytes
  }

  /// Reads what ``bytes`` gave.
  ///
  /// - Returns: `nil` if there are too few bytes or too many for the size they name.
  package init?(_ bytes: Span<UInt8>) {
    guard bytes.count >= 8 else { return nil }
    var size: UInt64 = 0
    for index in 0..<8 { size |= UInt64(bytes[index]) << (8 * index) }
    guard bytes.count == 8 + size.nonzeroBitCount * Digest.size else { return nil }
    var peaks: [Digest] = []
    for offset in stride(from: 8, to: bytes.count, by: Digest.size) {
      peaks.append(Digest(bytes, at: offset))
    }
    self.init(size: size, peaks: peaks)
  }
}
