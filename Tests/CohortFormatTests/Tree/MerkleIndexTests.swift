import CohortFormat
import CohortModel
import Testing

@Suite struct `A Merkle index` {
  let oracle: MerkleOracle
  let leaves: [Digest]
  let index: MerkleIndex

  static let size = 1500

  init() {
    oracle = MerkleOracle(count: Self.size)
    leaves = oracle.leafHashes
    var index = MerkleIndex()
    index.append(contentsOf: leaves)
    self.index = index
  }

  /// A read that fails.
  struct Unreadable: Error, Equatable { let range: Range<UInt64> }

  /// Answers from memory and counts, and insists on the one-block promise.
  final class Log {
    let leaves: [Digest]
    var reads = 0

    init(_ leaves: [Digest]) { self.leaves = leaves }

    func read(_ range: Range<UInt64>) -> [Digest] {
      #expect(!range.isEmpty && range.lowerBound / 256 == (range.upperBound - 1) / 256)
      reads += 1
      return Array(leaves[Int(range.lowerBound)..<Int(range.upperBound)])
    }
  }

  @Test func `gives every inclusion proof of every tree of up to 300 leaves`() {
    let log = Log(leaves)
    for size in 1...300 {
      for leaf in 0..<size {
        let given = index.inclusionProof(of: UInt64(leaf), in: UInt64(size)) { log.read($0) }
        #expect(given == oracle.path(leaf, 0..<size).map(oracle.root), "\(leaf) of \(size)")
      }
    }
  }

  @Test func `gives every consistency proof of every two trees of up to 300 leaves`() {
    let log = Log(leaves)
    for later in 1...300 {
      for earlier in 1...later {
        let given = index.consistencyProof(from: UInt64(earlier), to: UInt64(later)) {
          log.read($0)
        }
        #expect(given == oracle.proof(earlier, later).map(oracle.root), "\(earlier), \(later)")
      }
    }
  }

  @Test func `gives proofs across many blocks and reads at most two of them`() {
    let sizes = [511, 512, 513, 768, 1000, 1023, 1024, 1025, 1279, 1280, 1281, 1400, Self.size]
    for size in sizes {
      for other in stride(from: 0, to: size, by: 17) {
        let log = Log(leaves)
        let inclusion = index.inclusionProof(of: UInt64(other), in: UInt64(size)) { log.read($0) }
        #expect(inclusion == oracle.path(other, 0..<size).map(oracle.root))
        #expect(log.reads <= 2)
        guard other > 0 else { continue }
        log.reads = 0
        let consistency = index.consistencyProof(from: UInt64(other), to: UInt64(size)) {
          log.read($0)
        }
        #expect(consistency == oracle.proof(other, size).map(oracle.root))
        #expect(log.reads <= 2)
      }
    }
  }

  @Test func `knows the root and the right edge at every earlier size`() {
    let log = Log(leaves)
    for size in stride(from: 0, through: Self.size, by: 5) {
      log.reads = 0
      let frontier = index.frontier(at: UInt64(size)) { log.read($0) }
      #expect(frontier?.root == oracle.root(0..<size))
      #expect(log.reads <= 1)
    }
    #expect(index.frontier(at: UInt64(Self.size + 1)) { log.read($0) } == nil)
  }

  @Test func `says nil where there is nothing to prove`() {
    let log = Log(leaves)
    let (size, max) = (UInt64(Self.size), UInt64.max)
    for (leaf, tree) in [(0, 0), (5, 5), (6, 5), (0, size + 1), (size, size), (max, max), (0, max)]
    {
      #expect(index.inclusionProof(of: leaf, in: tree) { log.read($0) } == nil)
    }
    for (earlier, later) in [(1, 0), (6, 5), (0, size + 1), (size + 1, size + 1), (max, max)] {
      #expect(index.consistencyProof(from: earlier, to: later) { log.read($0) } == nil)
    }
    #expect(index.consistencyProof(from: 0, to: size) { log.read($0) } == [])
    #expect(index.consistencyProof(from: size, to: size) { log.read($0) } == [])
    #expect(log.reads == 0)
  }

  @Test func `passes on what a read throws, and has not changed`() {
    func fail(_ range: Range<UInt64>) throws(Unreadable) -> [Digest] {
      throw Unreadable(range: range)
    }
    #expect(throws: Unreadable(range: 256..<512)) {
      _ = try index.inclusionProof(of: 300, in: 600, leaves: fail)
    }
    #expect(throws: Unreadable(range: 512..<600)) {
      _ = try index.consistencyProof(from: 512, to: 600, leaves: fail)
    }
    var cut = index
    #expect(throws: Unreadable(range: 512..<600)) { try cut.truncate(to: 600, leaves: fail) }
    #expect(cut.size == index.size && cut.root == index.root)
    #expect(throws: Never.self) { try cut.truncate(to: 512, leaves: fail) }
    #expect(cut.root == oracle.root(0..<512))
  }

  @Test func `that was cut is as if the leaves behind had never been`() {
    let log = Log(leaves)
    for size in stride(from: 0, through: Self.size, by: 50) + [255, 256, 257, 1023, 1024, 1025] {
      var cut = index
      cut.truncate(to: UInt64(size)) { log.read($0) }
      #expect(cut.size == UInt64(size) && cut.root == oracle.root(0..<size))
      #expect(cut.blockCount == size / 256)
      for leaf in leaves[size...] { cut.append(leaf) }
      #expect(cut.root == index.root && cut.blockCount == index.blockCount)
      let proof = cut.inclusionProof(of: 700, in: index.size) { log.read($0) }
      #expect(proof == oracle.path(700, 0..<Self.size).map(oracle.root))
    }
    #expect(index.root == oracle.root(0..<Self.size), "the original is another value")
  }

  @Test func `is rebuilt from the roots of its blocks and the leaves behind them`() {
    var rebuilt = MerkleIndex()
    for block in 0..<index.blockCount {
      #expect(index.blockRoot(block) == oracle.root(block * 256..<block * 256 + 256))
      rebuilt.append(blockRoot: index.blockRoot(block))
    }
    rebuilt.append(contentsOf: Array(leaves[(index.blockCount * 256)...]))
    #expect(rebuilt.frontier == index.frontier)
    let log = Log(leaves)
    let proof = rebuilt.consistencyProof(from: 300, to: 1300) { log.read($0) }
    #expect(proof == oracle.proof(300, 1300).map(oracle.root))
  }

  /// 1,024 roots fill a chunk of a row; this crosses one without hashing 262,144 leaves first.
  @Test func `keeps its rows apart from those of its copies`() {
    var long = MerkleIndex()
    var copies: [MerkleIndex] = []
    for block in 0..<2100 {
      long.append(blockRoot: leaves[block % leaves.count])
      if block.isMultiple(of: 300) { copies.append(long) }
    }
    for copy in copies {
      var other = copy
      other.append(blockRoot: .zero)
      #expect(other.blockRoot(copy.blockCount) == .zero)
      for block in stride(from: 0, to: copy.blockCount, by: 7) {
        #expect(copy.blockRoot(block) == leaves[block % leaves.count])
      }
      long.truncate(to: copy.size) { _ in [] }
      #expect(long.frontier == copy.frontier)
      for block in copy.blockCount..<2100 {
        long.append(blockRoot: leaves[block % leaves.count])
      }
    }
    #expect(long.blockCount == 2100)
    #expect(long.blockRoot(2099) == leaves[2099 % leaves.count])
  }
}
