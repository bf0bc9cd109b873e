import CohortFormat
import CohortModel
import Testing

/// The tree that the public tests of Certificate Transparency use.
@Suite struct `The published tree of eight leaves` {
  static let leaves: [[UInt8]] = [
    [], [0x00], [0x10], [0x20, 0x21], [0x30, 0x31], [0x40, 0x41, 0x42, 0x43],
    (0x50...0x57).map { $0 }, (0x60...0x6f).map { $0 },
  ]

  /// By size, from none to eight.
  static let roots = digests([
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
  ])

  static let inclusions: [(index: UInt64, size: UInt64, proof: [Digest])] = [
    (0, 1, []),
    (
      0, 8,
      digests([
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
      ])
    ),
    (
      5, 8,
      digests([
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
      ])
    ),
    (2, 3, digests(["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"])),
    (
      1, 5,
      digests([
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
      ])
    ),
  ]

  static let consistencies: [(earlier: UInt64, later: UInt64, proof: [Digest])] = [
    (1, 1, []),
    (
      1, 8,
      digests([
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
      ])
    ),
    (
      6, 8,
      digests([
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
      ])
    ),
    (
      2, 5,
      digests([
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
      ])
    ),
    (
      6, 7,
      digests([
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
      ])
    ),
  ]

  static let leafHashes = leaves.map { MerkleHash.leaf($0.span) }

  var index: MerkleIndex {
    var index = MerkleIndex()
    index.append(contentsOf: Self.leafHashes)
    return index
  }

  @Test func `has the published root at every size`() {
    var frontier = MerkleFrontier()
    #expect(frontier.root == Self.roots[0])
    for (leaf, root) in zip(Self.leafHashes, Self.roots.dropFirst()) {
      frontier.append(leaf)
      #expect(frontier.root == root)
    }
  }

  @Test func `gives the published proofs, and they hold`() {
    for (leaf, size, proof) in Self.inclusions {
      let given = index.inclusionProof(of: leaf, in: size) { leafHashes($0) }
      #expect(given == proof)
      #expect(
        MerkleProof.verifyInclusion(
          of: Self.leafHashes[Int(leaf)], at: leaf, in: size, root: Self.roots[Int(size)],
          proof: proof))
    }
    for (earlier, later, proof) in Self.consistencies {
      let given = index.consistencyProof(from: earlier, to: later) { leafHashes($0) }
      #expect(given == proof)
      #expect(
        MerkleProof.verifyConsistency(
          from: earlier, root: Self.roots[Int(earlier)], to: later, root: Self.roots[Int(later)],
          proof: proof))
    }
  }

  @Test func `refuses the published inclusion proofs once anything about them is changed`() {
    for (index, size, proof) in Self.inclusions {
      let (leaf, root) = (Self.leafHashes[Int(index)], Self.roots[Int(size)])
      func holds(
        _ leaf: Digest, _ index: UInt64, _ size: UInt64, _ root: Digest, _ proof: [Digest]
      ) -> Bool {
        MerkleProof.verifyInclusion(of: leaf, at: index, in: size, root: root, proof: proof)
      }
      #expect(!holds(leaf, index &- 1, size, root, proof))
      #expect(!holds(leaf, index + 1, size, root, proof))
      #expect(!holds(leaf, index ^ 2, size, root, proof))
      #expect(!holds(leaf, index, size * 2, root, proof))
      #expect(!holds(leaf, index, size / 2, root, proof))
      #expect(!holds(.zero, index, size, root, proof))
      #expect(!holds(leaf, index, size, MerkleHash.emptyRoot, proof))
      for garbage in [root, leaf, .zero] {
        #expect(!holds(leaf, index, size, root, proof + [garbage]))
        #expect(!holds(leaf, index, size, root, [garbage] + proof))
      }
      for step in proof.indices {
        var shorter = proof
        shorter.remove(at: step)
        #expect(!holds(leaf, index, size, root, shorter))
        for bit in 0..<256 {
          var flipped = proof
          flipped[step] = flipped[step].flipping(bit: bit)
          #expect(!holds(leaf, index, size, root, flipped))
        }
      }
    }
    for (index, size) in [(0, 0), (1, 0), (1, 1), (2, 1)] as [(UInt64, UInt64)] {
      for root in [.zero, MerkleHash.emptyRoot] {
        #expect(
          !MerkleProof.verifyInclusion(of: root, at: index, in: size, root: root, proof: []))
      }
    }
  }

  @Test func `refuses the published consistency proofs once anything about them is changed`() {
    for (earlier, later, proof) in Self.consistencies where earlier < later {
      let (first, second) = (Self.roots[Int(earlier)], Self.roots[Int(later)])
      func holds(
        _ earlier: UInt64, _ later: UInt64, _ first: Digest, _ second: Digest, _ proof: [Digest]
      ) -> Bool {
        MerkleProof.verifyConsistency(
          from: earlier, root: first, to: later, root: second, proof: proof)
      }
      #expect(!holds(earlier - 1, later, first, second, proof))
      #expect(!holds(earlier + 1, later, first, second, proof))
      #expect(!holds(earlier ^ 2, later, first, second, proof))
      #expect(!holds(earlier, later * 2, first, second, proof))
      #expect(!holds(earlier, later / 2, first, second, proof))
      #expect(!holds(later, earlier, second, first, proof))
      #expect(!holds(earlier, later, .zero, second, proof))
      #expect(!holds(earlier, later, first, .zero, proof))
      #expect(!holds(earlier, later, second, first, proof))
      #expect(!holds(earlier, later, first, second, []))
      for garbage in [first, second, proof[0]] {
        #expect(!holds(earlier, later, first, second, proof + [garbage]))
        #expect(!holds(earlier, later, first, second, [garbage] + proof))
      }
      for step in proof.indices {
        var shorter = proof
        shorter.remove(at: step)
        #expect(!holds(earlier, later, first, second, shorter))
        for bit in 0..<256 {
          var flipped = proof
          flipped[step] = flipped[step].flipping(bit: bit)
          #expect(!holds(earlier, later, first, second, flipped))
        }
      }
    }
  }

  private func leafHashes(_ range: Range<UInt64>) -> [Digest] {
    Array(Self.leafHashes[Int(range.lowerBound)..<Int(range.upperBound)])
  }
}

private func digests(_ texts: [String]) -> [Digest] { texts.compactMap { Digest($0) } }
