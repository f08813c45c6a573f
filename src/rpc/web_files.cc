#include "rpc/web_files.h"

#include <string>

#include "wire/http.h"

namespace upkeep::rpc {
namespace {

// A mark for "up and kept": an arrow that turns upwards.
constexpr std::string_view kIconSvg =
    R"svg(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#0f5f73"/><path d="M8 7v9a8 8 0 0 0 16 0v-4" fill="none" stroke="#fff" stroke-width="4" stroke-linecap="round"/><path d="m18.500 12 5.500-5.500 5.500 5.500z" fill="#7ee2b8"/></svg>)svg"
    "\n";

// The same, drawn by a browser at 32 by 32: for those that show no SVG there.
constexpr std::string_view kIconPngBase64 =
    "iVBORw0KGgoAAAANSUhEUgAAACAAAAAgCAYAAABzenr0AAAC30lEQVR4nOyXXUiTURjH/+fdyiTctAtFLbUPM6xZZuH6QqPIEkpK"
    "6sLSqRTiRfRhQUFEF0E31ewq6UOW4Y0g5lUz8MrMkgq1EiULDRRXN2u70Hemp3NemviOd9vr9m7d+IMznud87P/n7OxwHj0WUnkx"
    "3kB1lwBqBiXbCEEiNIBS/AShfQB56yKzVtjqnd4x4g0MFXVHWPaEdaQgglBggn2cdTXdezlvwFBeV0QE2BFF2K4UcxPEWHYtgeo9"
    "XwghyYgi0k7o50wC1Xks0RbnSD+1h1ToWWRWmlCyIwc3Sg9L8e1WO9rfD0BzmLZAQBQNXD9ehMzkRKnxOBQMCSuk5l+fmPkOpCsN"
    "bkpNUozVEhcfixNVeVLc2vgBbueUkoN0ARGAi5dW58GYECs1HvM+JTQ3sFDcSyATmhpQEg9mQjMDgcQDmdBDI/ghs91/PZ87bXdl"
    "4/GVVxTXReQQLoYlA34NOH67ZXmiMQ5qSfKZ6/tdqgx8+jEuy3PSUqGWrRmrZfnA2DgWb2BsQpZbCvOhlpqDe8M3MOCzA0fzTCjI"
    "3oBgFOduxgFTVvgG7H2DGJn8Jet7VHMahdmZ/pZg/5aNeFB1UtY3POFAR/+g3zXEaKmj/gZNaSnovHkBy/U6WX9Lz0e86O1H78gY"
    "YpbpkJuxBsd25uDUru2yeeLMHxTcsmJo3IGQDHBqD+3DnbIShMLV52143NkdcE7Qe+Dhqy6cb2yBe1qEWlxT09KaYOKcoDvgJXWV"
    "EU9rz8CcuTbgvK6hbzjX0IxJpwtqIAbL5Un2NFL95OGvoz1Z61lbh92szczO4t3XUXQPf8cb1vihUwsFdRBWkNhZBRTaoy9MWG3Q"
    "wR6lvGT6P3BtQRTmGpgXJ6IOdXJtYdpWPzpHaTWiDNOs5NrS39DdZG3jtZpULkUYrsG1mGY7z+evOLG/Z0TMzW+MgeBh00RWnsex"
    "w7kSGvCvPGeXAmlm5Xm5+Mz62Tv2FwAA//8FJMGvAAAABklEQVQDAAcE+/ERTgH3AAAAAElFTkSuQmCC";

std::string_view icon_png() {
  static const std::string bytes = wire::base64_decode(kIconPngBase64).value_or("");
  return bytes;
}

}  // namespace

std::optional<WebFile> web_file(std::string_view path) {
  if (path == "/stylesheets/supervisor.css") return WebFile{"text/css", kStylesheet};
  if (path == "/images/icon.svg") return WebFile{"image/svg+xml", kIconSvg};
  if (path == "/images/icon.png") return WebFile{"image/png", icon_png()};
  if (path == "/favicon.ico") return WebFile{"image/png", icon_png()};  // browsers look what it is
  return std::nullopt;
}

}  // namespace upkeep::rpc
