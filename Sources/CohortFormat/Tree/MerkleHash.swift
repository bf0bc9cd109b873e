package import CohortModel

/// The two ways in which RFC 6962, section 2.1, hashes.
///
///     leaf:  SHA-256( 0x00 ‖ data )
///     node:  SHA-256( 0x01 ‖ left ‖ right )
///
/// The first byte keeps them apart: data that happens to be two digests is no node.
package enum MerkleHash {
  /// The root of a tree without leaves: the SHA-256 of nothing.
  package static let emptyRoot = Digest(
    0xe3b0_c442_98fc_1c14, 0x9afb_f4c8_996f_b924, 0x27ae_41e4_649b_934c, 0xa495_991b_7852_b855)

  /// The leaf hash of the concatenation of two texts.
  ///
  /// - Complexity: O(n), without allocation. Up to 118 bytes are hashed in one go.
  package static func leaf(
    _ first: Span<UInt8>, _ second: Span<UInt8> = Span(), with engine: HashEngine = .sha256
  ) -> Digest {
    SHA256.digest(behind: 0x00, first, second, with: engine)
  }

  /// The hash of the node above `left` and `right`.
  package static func node(
    _ left: Digest, _ right: Digest, with engine: HashEngine = .sha256
  ) -> Digest {
    var state = SHA256State.initial
    let blocks = NodeBlocks(left, right)
    state.compress(blocks, with: engine)
    return state.digest
  }

  /// The hashes of the nodes above `row`, which has an even number of digests.
  ///
  /// - Complexity: O(n). Two nodes at a time with instructions, in three quarters of the time.
  package static func parents(
    of row: [Digest], with engine: HashEngine = .sha256
  ) -> [Digest] {
    precondition(row.count.isMultiple(of: 2), "a digest without a neighbour has no parent yet")
    var parents: [Digest] = []
    parents.reserveCapacity(row.count / 2)
    for start in stride(from: 0, to: row.count & ~3, by: 4) {
      let one = NodeBlocks(row[start], row[start + 1])
      let other = NodeBlocks(row[start + 2], row[start + 3])
      let (left, right) = SHA256State.compressed(one, other, with: engine)
      parents.append(left)
      parents.append(right)
    }
    if row.count & 3 != 0 {
      parents.append(node(row[row.count - 2], row[row.count - 1], with: engine))
    }
    return parents
  }
}

/// The message of a node, padded: 65 bytes, 0x80, zeros, and the size of 520 bits.
///
/// Every digest lies one byte off its place, so the words are shifted together:
///
///     | 01 l l l l l l l | l ... | l r r r r r r r | r ... | r 80 0 0 0 0 0 0 | 0 ... | 520 |
///        word 0                     word 4                    word 8                   word 15
struct NodeBlocks {
  let words: InlineArray<16, UInt64>

  init(_ left: Digest, _ right: Digest) {
    func joined(_ high: UInt64, _ low: UInt64) -> UInt64 { (high << 56 | low >> 8).bigEndian }
    words = [
      joined(0x01, left.word0), joined(left.word0, left.word1), joined(left.word1, left.word2),
      joined(left.word2, left.word3), joined(left.word3, right.word0),
      joined(right.word0, right.word1), joined(right.word1, right.word2),
      joined(right.word2, right.word3), joined(right.word3, 0x80 << 56), 0, 0, 0, 0, 0, 0,
      UInt64(520).bigEndian,
    ]
  }
}
