import CohortFormat
import CohortModel
import Testing

@Suite struct `A Merkle frontier` {
  let oracle = MerkleOracle(count: 600)

  @Test func `has the root of the recursive definition at every size`() {
    var frontier = MerkleFrontier()
    for (size, leaf) in oracle.leafHashes.enumerated() {
      #expect(frontier.root == oracle.root(0..<size))
      #expect(frontier.size == UInt64(size))
      #expect(frontier.peaks.count == size.nonzeroBitCount)
      frontier.append(leaf)
    }
  }

  @Test func `takes many leaves at once as it takes them one by one`() {
    let leaves = oracle.leafHashes
    var frontier = MerkleFrontier()
    var frontiers = [frontier]
    for leaf in leaves {
      frontier.append(leaf)
      frontiers.append(frontier)
    }
    for first in 0...70 {
      for second in first...140 {
        var batched = frontiers[first]
        batched.append(contentsOf: Array(leaves[first..<second]))
        #expect(batched == frontiers[second], "\(first) and \(second - first) leaves")
      }
    }
    for size in 0...600 {
      var batched = MerkleFrontier()
      batched.append(contentsOf: Array(leaves[..<size]))
      #expect(batched == frontiers[size])
    }
  }

  @Test func `survives being written and read, and grows on`() {
    let leaves = oracle.leafHashes
    var frontier = MerkleFrontier()
    for leaf in leaves.prefix(300) {
      let bytes = frontier.bytes
      #expect(bytes.count == 8 + 32 * frontier.size.nonzeroBitCount)
      #expect(MerkleFrontier(bytes.span) == frontier)
      frontier = MerkleFrontier(bytes.span) ?? MerkleFrontier()
      frontier.append(leaf)
    }
    #expect(frontier.root == oracle.root(0..<300))
  }

  @Test func `is not read from bytes that are too few, too many, or of another size`() {
    var frontier = MerkleFrontier()
    frontier.append(contentsOf: Array(oracle.leafHashes.prefix(300)))
    let bytes = frontier.bytes
    for count in 0..<bytes.count {
      let cut = Array(bytes.prefix(count))
      #expect(MerkleFrontier(cut.span) == nil)
    }
    let longer = bytes + [0]
    #expect(MerkleFrontier(longer.span) == nil)
    for bit in 0..<64 {
      var other = bytes
      other[bit / 8] ^= 1 << (bit % 8)
      #expect(MerkleFrontier(other.span) == nil)
    }
    #expect(MerkleFrontier(size: 3, peaks: [.zero]) == nil)
  }
}
