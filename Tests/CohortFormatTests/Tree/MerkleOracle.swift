import CohortFormat
import CohortModel

/// RFC 6962, section 2.1, word for word: recursive, and slow but for a memory of the roots.
final class MerkleOracle {
  let leaves: [[UInt8]]
  private var roots: [Range<Int>: Digest] = [:]

  init(_ leaves: [[UInt8]]) { self.leaves = leaves }

  /// Leaves whose data is their number, with `count` of them.
  convenience init(count: Int) {
    self.init((0..<count).map { [UInt8($0 & 255), UInt8($0 >> 8)] })
  }

  /// HASH(0x00 || d).
  var leafHashes: [Digest] { leaves.map { SHA256.digest(([0x00] + $0).span) } }

  /// MTH(D[n]), of any range of the leaves.
  func root(_ range: Range<Int>) -> Digest {
    if let root = roots[range] { return root }
    var text: [UInt8] = []
    if range.count == 1 {
      text = [0x00] + leaves[range.lowerBound]
    } else if range.count > 1 {
      let k = split(range)
      text = [0x01]
      root(range.lowerBound..<k).append(to: &text)
      root(k..<range.upperBound).append(to: &text)
    }
    let root = SHA256.digest(text.span)
    roots[range] = root
    return root
  }

  /// PATH(m, D[n]).
  func path(_ m: Int, _ range: Range<Int>) -> [Range<Int>] {
    guard range.count > 1 else { return [] }
    let k = split(range)
    let (left, right) = (range.lowerBound..<k, k..<range.upperBound)
    return m < k ? path(m, left) + [right] : path(m, right) + [left]
  }

  /// PROOF(m, D[n]).
  func proof(_ m: Int, _ n: Int) -> [Range<Int>] { subproof(m, 0..<n, true) }

  private func subproof(_ m: Int, _ range: Range<Int>, _ b: Bool) -> [Range<Int>] {
    if m == range.upperBound { return b ? [] : [range] }
    let k = split(range)
    let (left, right) = (range.lowerBound..<k, k..<range.upperBound)
    return m <= k ? subproof(m, left, b) + [right] : subproof(m, right, false) + [left]
  }

  /// Behind the largest power of two that is less than the count.
  private func split(_ range: Range<Int>) -> Int {
    var k = 1
    while 2 * k < range.count { k *= 2 }
    return range.lowerBound + k
  }
}

extension Digest {
  /// The digest with one bit changed, 0 to 255.
  func flipping(bit: Int) -> Digest {
    var bytes = (0..<32).map { self[$0] }
    bytes[bit / 8] ^= 1 << (bit % 8)
    return Digest(bytes.span)
  }
}
