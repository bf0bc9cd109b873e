import CohortFormat
import CohortModel
import Testing

/// Every proof of every tree of up to 300 leaves, as the RFC's recursion gives it.
@Suite struct `A Merkle proof` {
  let oracle = MerkleOracle(count: 300)

  private func root(_ size: Int) -> Digest { oracle.root(0..<size) }

  private func includes(
    _ index: Int, _ size: Int, _ proof: [Digest], root: Digest? = nil
  ) -> Bool {
    MerkleProof.verifyInclusion(
      of: oracle.root(index..<index + 1), at: UInt64(index), in: UInt64(size),
      root: root ?? self.root(size), proof: proof)
  }

  private func isConsistent(_ earlier: Int, _ later: Int, _ proof: [Digest]) -> Bool {
    MerkleProof.verifyConsistency(
      from: UInt64(earlier), root: root(earlier), to: UInt64(later), root: root(later),
      proof: proof)
  }

  @Test func `of inclusion holds for every leaf of every tree`() {
    for size in 1...300 {
      for index in 0..<size {
        let proof = oracle.path(index, 0..<size).map(oracle.root)
        #expect(includes(index, size, proof))
      }
    }
  }

  @Test func `of consistency holds for every two trees`() {
    for later in 1...300 {
      for earlier in 1...later {
        let proof = oracle.proof(earlier, later).map(oracle.root)
        #expect(isConsistent(earlier, later, proof))
      }
      #expect(isConsistent(0, later, []), "nothing is how everything begins")
    }
    #expect(isConsistent(0, 0, []))
  }

  @Test func `of inclusion that is cut, extended or flipped is refused`() {
    for size in [1, 2, 3, 7, 8, 37, 64, 65, 255, 256, 257, 300] {
      for index in 0..<size {
        let proof = oracle.path(index, 0..<size).map(oracle.root)
        for count in 0..<proof.count {
          #expect(!includes(index, size, Array(proof.prefix(count))))
          #expect(!includes(index, size, Array(proof.suffix(count))))
          var flipped = proof
          flipped[count] = flipped[count].flipping(bit: (index * 31 + count * 7) & 255)
          #expect(!includes(index, size, flipped))
        }
        #expect(!includes(index, size, proof + [root(size)]))
        #expect(!includes(index, size, [root(size)] + proof))
        #expect(!includes(index, size, proof, root: root(size - 1)))
      }
    }
  }

  @Test func `of consistency that is cut, extended or flipped is refused`() {
    for later in [2, 3, 7, 8, 37, 64, 65, 255, 256, 257, 300] {
      for earlier in 1..<later {
        let proof = oracle.proof(earlier, later).map(oracle.root)
        for count in 0..<proof.count {
          #expect(!isConsistent(earlier, later, Array(proof.prefix(count))))
          #expect(!isConsistent(earlier, later, Array(proof.suffix(count))))
          var flipped = proof
          flipped[count] = flipped[count].flipping(bit: (earlier * 31 + count * 7) & 255)
          #expect(!isConsistent(earlier, later, flipped))
        }
        #expect(!isConsistent(earlier, later, proof + [root(later)]))
        #expect(!isConsistent(earlier, later, [root(earlier)] + proof))
      }
    }
  }

  @Test func `of inclusion holds for no other leaf and no other size that needs another path`() {
    for size in 1...64 {
      for index in 0..<size {
        let proof = oracle.path(index, 0..<size).map(oracle.root)
        for other in 0..<64 where other != index {
          let holds = MerkleProof.verifyInclusion(
            of: oracle.root(index..<index + 1), at: UInt64(other), in: UInt64(size),
            root: root(size), proof: proof)
          #expect(!holds, "leaf \(index) of \(size) as \(other)")
        }
      }
    }
  }

  /// A hostile prover chooses every number; the answer is no, and it comes soon.
  @Test func `with impossible numbers is refused without a trap`() {
    let numbers: [UInt64] = [
      0, 1, 2, 3, 1 << 32, 1 << 62, 1 << 63 - 1, 1 << 63, 1 << 63 + 1, .max - 1, .max,
    ]
    let proofs = [0, 1, 2, 62, 63, 64, 65, 66, 200].map { [Digest](repeating: .zero, count: $0) }
    for one in numbers {
      for other in numbers {
        for proof in proofs {
          let includes = MerkleProof.verifyInclusion(
            of: .zero, at: one, in: other, root: .zero, proof: proof)
          #expect(includes == (one == 0 && other == 1 && proof.isEmpty))
          let isConsistent = MerkleProof.verifyConsistency(
            from: one, root: .zero, to: other, root: .zero, proof: proof)
          #expect(isConsistent == (one == other && proof.isEmpty))
        }
      }
    }
  }

  @Test func `of consistency is not claimed for the empty tree with another root`() {
    #expect(
      !MerkleProof.verifyConsistency(
        from: 0, root: .zero, to: 5, root: root(5), proof: []))
    #expect(
      !MerkleProof.verifyConsistency(
        from: 0, root: MerkleHash.emptyRoot, to: 5, root: root(5), proof: [root(5)]))
  }
}
