import CohortFormat
import CohortModel
import Testing

@Suite struct `A Merkle hash` {
  @Test(arguments: shaEngines)
  func `of a leaf is that of a zero byte and all its parts`(engine: HashEngine) {
    let text = noise(count: 300)
    for length in 0...300 {
      let prefixed = [0x00] + text.prefix(length)
      let whole = SHA256.digest(prefixed.span, with: engine)
      for cut in [0, 1, length / 2, length] where cut <= length {
        let first = text.span.extracting(0..<cut)
        let second = text.span.extracting(cut..<length)
        #expect(
          MerkleHash.leaf(first, second, with: engine) == whole, "\(length) bytes cut at \(cut)")
      }
    }
  }

  @Test func `of a text that is kept is that of its nonce and the text`() {
    let text = noise(count: 300)
    for length in 0...300 {
      for cut in [0, 1, 16, length / 2, length] where cut <= length {
        let opening = TextOpening(nonce: Array(text[..<cut]), text: Array(text[cut..<length]))
        let whole = SHA256.digest(text.span.extracting(0..<length))
        #expect(opening.commitment == whole, "\(length) bytes cut at \(cut)")
      }
    }
  }

  @Test(arguments: shaEngines)
  func `of a node is that of a one byte and both sides`(engine: HashEngine) {
    let row = (0..<40).map { SHA256.digest([UInt8($0)].span) }
    for (left, right) in zip(row, row.dropFirst()) {
      var text: [UInt8] = [0x01]
      left.append(to: &text)
      right.append(to: &text)
      #expect(MerkleHash.node(left, right, with: engine) == SHA256.digest(text.span, with: engine))
    }
  }

  @Test(arguments: shaEngines)
  func `of a row is that of its pairs`(engine: HashEngine) {
    let row = (0..<40).map { SHA256.digest([UInt8($0)].span) }
    for count in stride(from: 0, through: 40, by: 2) {
      let pairs = stride(from: 0, to: count, by: 2)
      let expected = pairs.map { MerkleHash.node(row[$0], row[$0 + 1], with: .portable) }
      #expect(MerkleHash.parents(of: Array(row.prefix(count)), with: engine) == expected)
    }
  }

  @Test func `of a leaf that holds two digests is not that of their node`() {
    let (left, right) = (MerkleHash.leaf([1].span), MerkleHash.leaf([2].span))
    var data: [UInt8] = []
    left.append(to: &data)
    right.append(to: &data)
    #expect(MerkleHash.leaf(data.span) != MerkleHash.node(left, right))

    var two = MerkleFrontier()
    two.append(contentsOf: [left, right])
    var one = MerkleFrontier()
    one.append(MerkleHash.leaf(data.span))
    #expect(one.root != two.root)
  }

  @Test func `of no leaves is the digest of nothing`() {
    #expect(MerkleHash.emptyRoot == SHA256.digest([UInt8]().span))
    #expect(MerkleFrontier().root == MerkleHash.emptyRoot)
  }
}
