import CohortSync
import Testing

@Suite struct `A list of texts` {
  @Test func `gives back every text as it came, empty ones too`() {
    let texts: [[UInt8]] = [[], Array("a".utf8), [], [0, 255], Array("customer-1".utf8), []]
    let list = TextList(texts)
    #expect(list.count == texts.count)
    for (index, text) in texts.enumerated() { #expect(Array(list[index]) == text) }
  }
}
