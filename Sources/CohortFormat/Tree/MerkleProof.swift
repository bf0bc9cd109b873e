package import CohortModel

/// Checks proofs that came from outside.
///
/// Any input gives an answer, whatever its numbers are. Nothing is needed but the proof and tree
/// heads: no log, no index.
package enum MerkleProof {
  /// Whether `proof` leads from the leaf hash `leaf`, number `index` from 0, to the root of a tree
  /// of `size` leaves: RFC 9162, section 2.1.3.2.
  package static func verifyInclusion(
    of leaf: Digest, at index: UInt64, in size: UInt64, root: Digest, proof: [Digest]
  ) -> Bool {
    guard index < size else { return false }
    var climb = Climb(index: index, last: size - 1)
    var hash = leaf
    for neighbour in proof {
      switch climb.step() {
      case .left: hash = MerkleHash.node(neighbour, hash)
      case .right: hash = MerkleHash.node(hash, neighbour)
      case .top: return false
      }
    }
    return climb.last == 0 && hash == root
  }

  /// Whether `proof` shows that the tree of `earlier` leaves with root `earlierRoot` is what the
  /// tree of `later` leaves with root `laterRoot` began as: RFC 9162, section 2.1.4.2.
  ///
  /// With an empty proof, equal trees are consistent, and the empty tree with every later one.
  package static func verifyConsistency(
    from earlier: UInt64, root earlierRoot: Digest, to later: UInt64, root laterRoot: Digest,
    proof: [Digest]
  ) -> Bool {
    guard earlier <= later else { return false }
    guard earlier < later else { return proof.isEmpty && earlierRoot == laterRoot }
    guard earlier > 0 else { return proof.isEmpty && earlierRoot == MerkleHash.emptyRoot }

    // The largest complete subtree that ends with the earlier tree. If it is the whole tree, the
    // proof leaves it out.
    var rest = proof[...]
    let isWhole = earlier.nonzeroBitCount == 1
    guard let start = isWhole ? earlierRoot : rest.popFirst() else { return false }
    let shift = UInt64(earlier.trailingZeroBitCount)
    var climb = Climb(index: (earlier - 1) >> shift, last: (later - 1) >> shift)
    var (earlierHash, laterHash) = (start, start)
    for neighbour in rest {
      switch climb.step() {
      case .left:
        earlierHash = MerkleHash.node(neighbour, earlierHash)
        laterHash = MerkleHash.node(neighbour, laterHash)
      case .right: laterHash = MerkleHash.node(laterHash, neighbour)
      case .top: return false
      }
    }
    return climb.last == 0 && earlierHash == earlierRoot && laterHash == laterRoot
  }
}

/// The way up from one node: its number in its row, and that of the last node of the row.
private struct Climb {
  var index: UInt64
  var last: UInt64

  enum Neighbour { case left, right, top }

  /// Moves up to the next row in which the node has a neighbour, and says on which side it was.
  ///
  /// The last node of a row that has none moves up unchanged: it is its own parent.
  mutating func step() -> Neighbour {
    guard last > 0 else { return .top }
    var side = Neighbour.right
    if index & 1 == 1 || index == last {
      side = .left
      // index == last > 0 has a bit set, so this ends.
      while index & 1 == 0 { up() }
    }
    up()
    return side
  }

  private mutating func up() { (index, last) = (index >> 1, last >> 1) }
}
