import TestSupport
import Testing

@testable import cohort

@Suite struct ControlMessageTests {
  private let request = ControlRequest(
    version: "1.0.0", folder: "/home/ana/é",
    files: [
      ControlRequest.File(name: "a b.csv", reason: 0), ControlRequest.File(name: "", reason: 13),
    ],
    words: ["members", "hightouch/vip", "", "--as-of", "\u{0}\n"])

  private func body(_ bytes: [UInt8]) -> [UInt8] { Array(bytes[ControlMessage.headSize...]) }

  @Test func `a request and a reply come back as they were sent`() {
    #expect(ControlRequest(body: body(request.bytes)) == request)
    #expect(ControlRequest.version(of: body(request.bytes)) == "1.0.0")
    #expect(request.descriptorCount == 4)
    for reply in [ControlReply(.damage), ControlReply(Failure(.storage, "Ä. B."))] {
      #expect(ControlReply(body: body(reply.bytes)) == reply)
    }
    let empty = ControlRequest(version: "", folder: "", files: [], words: [])
    #expect(ControlRequest(body: body(empty.bytes)) == empty)
  }

  @Test func `the head says how long the body is`() {
    let bytes = request.bytes
    let head = Array(bytes[..<ControlMessage.headSize])
    #expect(ControlMessage.bodySize(head) == bytes.count - ControlMessage.headSize)
    #expect(ControlMessage.bodySize(Array(head.dropLast())) == nil)
    for index in 0..<ControlMessage.magic.count {
      var other = head
      other[index] ^= 1
      #expect(ControlMessage.bodySize(other) == nil)
    }
    #expect(ControlMessage.bodySize(ControlMessage.magic + [0, 0, 64, 0]) == 4 << 20)
    #expect(ControlMessage.bodySize(ControlMessage.magic + [1, 0, 64, 0]) == nil)
    #expect(ControlMessage.bodySize(ControlMessage.magic + [255, 255, 255, 255]) == nil)
  }

  @Test func `a body that is cut anywhere, or goes on, is none`() {
    for whole in [body(request.bytes), body(ControlReply(.done).bytes)] {
      for count in whole.indices {
        let cut = Array(whole[..<count])
        #expect(ControlRequest(body: cut) == nil)
        #expect(ControlReply(body: cut) == nil)
      }
      #expect(ControlRequest(body: whole + [0]) == nil)
      #expect(ControlReply(body: whole + [0]) == nil)
    }
  }

  @Test func `a body with any byte changed is another request, or none`() {
    let whole = body(request.bytes)
    for index in whole.indices {
      for bit in 0..<8 {
        var other = whole
        other[index] ^= 1 << bit
        #expect(ControlRequest(body: other) != request)
      }
    }
  }
}
