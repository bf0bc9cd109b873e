import CohortFormat
import CohortModel
import Testing

@Suite struct `A tree of somebody else's making` {
  /// The number is what `Tools/Checks/merkle_tree.py` prints, which asks pymerkle.
  ///
  /// The roots here are those of the frontier; the proofs are those of the oracle, which
  /// `MerkleIndexTests` compares with the index one by one.
  @Test func `has the same roots and inclusion proofs at every size up to 300`() {
    let oracle = MerkleOracle(count: 300)
    let leaves = oracle.leafHashes
    var frontier = MerkleFrontier()
    var summary = SHA256()
    for size in 1...300 {
      frontier.append(leaves[size - 1])
      summary.update(frontier.root)
      for leaf in 0..<size {
        for subtree in oracle.path(leaf, 0..<size) { summary.update(oracle.root(subtree)) }
      }
    }
    #expect(
      summary.digest().description
        == "156b467909bbe2179f75b632a6242300e25de35ea6b67126122275155e694cc8")
  }
}
