import CPlatform
import CohortFormat
import CohortModel
import Glibc

/// How long checksums, digests and leaves of the tree take, with instructions and without.
func benchHashes() {
  let mebibyte = noise(count: 1 << 20)
  for engine in HashEngine.allCases {
    if engine == .processor && !platform_has_crc32c() { continue }
    let crc = CRC32C()
    rate("CRC-32C of 1 MiB, \(engine)", bytes: 1 << 20) {
      UInt64(crc.checksum(mebibyte.span, with: engine))
    }
    for size in [48, 256, 4096] {
      let text = Array(mebibyte.prefix(size))
      time("CRC-32C of \(size) B, \(engine)", "text") {
        UInt64(crc.checksum(text.span, with: engine))
      }
    }
  }
  for engine in HashEngine.allCases {
    if engine == .processor && !platform_has_sha256() { continue }
    rate("SHA-256 of 1 MiB, \(engine)", bytes: 1 << 20) {
      SHA256.digest(mebibyte.span, with: engine).word0
    }
    for size in [32, 55, 64, 65, 119, 250] {
      let text = Array(mebibyte.prefix(size))
      time("SHA-256 of \(size) B, \(engine)", "message") {
        SHA256.digest(text.span, with: engine).word0
      }
    }
    let (left, right) = (MerkleHash.leaf([1].span), MerkleHash.leaf([2].span))
    time("Merkle node, \(engine)", "node") {
      MerkleHash.node(left, right, with: engine).word0
    }
    let row = (0..<256).map { MerkleHash.leaf([UInt8($0)].span) }
    time("Merkle nodes above a row of 256, \(engine)", "node", each: 128) {
      MerkleHash.parents(of: row, with: engine)[127].word0
    }
    let text = Array(mebibyte.prefix(60))
    time("Merkle leaf of 16 + 44 B, \(engine)", "leaf") {
      MerkleHash.leaf(text.span.extracting(0..<16), text.span.extracting(16...), with: engine).word0
    }
  }
  benchTree()
}

/// Chosen engine: what the log pays for each event, and what a proof costs.
private func benchTree() {
  let leaves = (0..<65_536).map { MerkleHash.leaf([UInt8($0 & 255), UInt8($0 >> 8)].span) }
  time("append one leaf hash to the index", "leaf", each: leaves.count) {
    var index = MerkleIndex()
    for leaf in leaves { index.append(leaf) }
    return index.root.word0
  }
  for batch in [16, 256, 4096] {
    let batches = stride(from: 0, to: leaves.count, by: batch).map {
      Array(leaves[$0..<$0 + batch])
    }
    time("append leaf hashes to the index, \(batch) at once", "leaf", each: leaves.count) {
      var index = MerkleIndex()
      for batch in batches { index.append(contentsOf: batch) }
      return index.root.word0
    }
  }
  var index = MerkleIndex()
  for _ in 0..<16 { index.append(contentsOf: leaves) }
  let size = index.size - 77
  var number: UInt64 = 0
  time("inclusion proof in a tree of 1 M leaves, without reading the log", "proof") {
    number = (number &* 6_364_136_223_846_793_005 &+ 1) % size
    let proof = index.inclusionProof(of: number, in: size) { range in
      let start = Int(range.lowerBound % 65_536)
      return Array(leaves[start..<start + range.count])
    }
    return proof?.last?.word0 ?? 0
  }
}

private func rate(_ name: String, bytes: Int, _ body: () -> UInt64) {
  let seconds = median(body)
  print("\(name): \(rounded(Double(bytes) / seconds / 1_073_741_824, 2)) GiB/s")
}

func time(_ name: String, _ unit: String, each count: Int = 1, _ body: () -> UInt64) {
  let seconds = median(body) / Double(count)
  print("\(name): \(rounded(seconds * 1e9, 1)) ns/\(unit), \(rounded(1e-6 / seconds, 2)) M/s")
}

/// The median seconds of one call, over three runs of more than a second each.
///
/// Processor time: nothing here waits, and a busy neighbour is not our cost.
private func median(_ body: () -> UInt64) -> Double {
  var check: UInt64 = 0
  func run(_ calls: Int) -> Double {
    let start = processorSeconds()
    for _ in 0..<calls { check &+= body() }
    return processorSeconds() - start
  }
  var calls = 1
  while run(calls) < 0.05 { calls *= 2 }
  calls = Int(1.1 / run(calls) * Double(calls)) + 1
  let runs = (0..<3).map { _ in run(calls) / Double(calls) }.sorted()
  precondition(check != 0, "the optimizer removed the work")
  return runs[1]
}

private func processorSeconds() -> Double {
  var time = timespec()
  unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

func rounded(_ value: Double, _ digits: Int) -> String {
  let scale = (0..<digits).reduce(1) { scale, _ in scale * 10 }
  let whole = Int(value * Double(scale) + 0.5)
  let rest = String(whole % scale)
  let zeros = String(repeating: "0", count: digits - rest.count)
  return "\(whole / scale).\(zeros)\(rest)"
}

/// Bytes without a pattern, the same in every run.
private func noise(count: Int) -> [UInt8] {
  var state: UInt64 = 0x9E37_79B9_7F4A_7C15
  return (0..<count).map { _ in
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return UInt8(truncatingIfNeeded: state >> 32)
  }
}
