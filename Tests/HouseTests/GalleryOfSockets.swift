import CohortHTTP
import CohortThreads
import Glibc

/// The errors of HTTP and its sockets.
let httpFaults = GalleryRoom(
  type: "HTTPFault", file: "Sources/CohortHTTP/Parts/HTTPFault.swift", manner: .sentences,
  entries: HTTPFault.allCases.map { GalleryEntry("\($0)", message: $0.message) })

func listenErrors() throws -> GalleryRoom {
  let address = try ListenAddress("[::1]:80")
  return GalleryRoom(
    type: "ListenError", file: "Sources/CohortHTTP/Server/ListenAddress.swift",
    manner: .sentences,
    entries: [
      GalleryEntry("malformed", ListenError.malformed("localhost:http")),
      GalleryEntry("inUse", ListenError.inUse(address)),
      GalleryEntry("notPermitted", ListenError.notPermitted(address)),
      GalleryEntry("notHere", ListenError.notHere(address)),
      GalleryEntry("stopped", ListenError.stopped),
      GalleryEntry("system", ListenError.system(call: "socket", errno: EMFILE)),
      GalleryEntry("thread", ListenError.thread(ThreadFailure(EAGAIN))),
    ])
}
