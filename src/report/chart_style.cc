// The look of all drawings. Series colours are the Okabe–Ito palette (told apart with every common kind of
// colour blindness), lightened where the page is dark; lines of different series also differ in their dashes.
#include "report/svg.h"

namespace crisp::report {

std::string_view chart_colours_light() {
  return "--surface:#fff;--fg:#1b1f27;--muted:#5c6675;--grid:#e6e9ee;--axis:#aab2bf;"
         "--c1:#0072b2;--c2:#d55e00;--c3:#009e73;--c4:#b4568f;--c5:#b97700;--c6:#3e8fc0;--alarm:#b83a08;--"
         "context:#aab4c2;"
         "--h1:#0072b2;--h2:#3a6db0;--h3:#6b669f;--h4:#945f86;--h5:#b25a66;--h6:#c85a3e;--h7:#d55e00;";
}

std::string_view chart_colours_dark() {
  return "--surface:#181c23;--fg:#e8ebf0;--muted:#9ca6b5;--grid:#2a303a;--axis:#58616f;"
         "--c1:#56b4e9;--c2:#f0883e;--c3:#35c79b;--c4:#e08fc0;--c5:#e6b84f;--c6:#9ccdf0;--alarm:#ff7b54;--"
         "context:#4d5868;"
         "--h1:#56b4e9;--h2:#84a9dc;--h3:#a99dc8;--h4:#c693ad;--h5:#da8d8b;--h6:#e78a64;--h7:#f0883e;";
}

std::string_view chart_style() {
  return ".ch{display:block;width:100%;height:auto}"
         ".ch text{font:12px system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica "
         "Neue',Arial,sans-serif;fill:var(--fg);"
         "font-variant-numeric:tabular-nums}"
         ".ch .mu{fill:var(--muted)}.ch .sm{font-size:11px}.ch .b{font-weight:600}.ch "
         ".big{font-size:17px;font-weight:600}"
         ".ch .halo{paint-order:stroke;stroke:var(--surface);stroke-width:3px;stroke-linejoin:round}"
         ".ch .gr{stroke:var(--grid);stroke-width:1}.ch .ax{stroke:var(--axis);stroke-width:1}"
         ".ch .ref{stroke:var(--muted);stroke-width:1.5;stroke-dasharray:2 3;fill:none}"
         ".ch .cut{stroke:var(--fg);stroke-width:1.5;stroke-dasharray:5 3}"
         ".ch .mark{stroke:var(--fg);stroke-width:2}"
         ".ch .f1{fill:var(--c1)}.ch .f2{fill:var(--c2)}.ch .f3{fill:var(--c3)}"
         ".ch .f4{fill:var(--c4)}.ch .f5{fill:var(--c5)}.ch .f6{fill:var(--c6)}"
         ".ch .s1,.ch .s2,.ch .s3,.ch .s4,.ch .s5,.ch "
         ".s6{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}"
         ".ch .s1{stroke:var(--c1)}.ch .s2{stroke:var(--c2);stroke-dasharray:7 4}.ch "
         ".s3{stroke:var(--c3);stroke-dasharray:2 4}"
         ".ch .s4{stroke:var(--c4);stroke-dasharray:9 3 2 3}.ch .s5{stroke:var(--c5);stroke-dasharray:4 3}"
         ".ch .s6{stroke:var(--c6);stroke-dasharray:1 3}"
         ".ch .area{fill-opacity:.32;stroke:none}.ch .dot{fill-opacity:.7}.ch .solid{stroke-dasharray:none}"
         ".ch .thin{stroke-width:1.4}.ch .bar:hover,.ch .dot:hover{fill-opacity:.75}"
         ".ch .hit{fill:transparent}.ch .hit:hover{fill:var(--fg);fill-opacity:.06}"
         ".ch .soft{fill:var(--muted);fill-opacity:.16}"
         ".ch .ctx{fill:none;stroke:var(--context);stroke-width:1;stroke-opacity:.55}"
         ".ch .jump{fill:none;stroke:var(--alarm);stroke-width:2.4;stroke-dasharray:7 4}"
         ".ch .dots{stroke-width:6;stroke-opacity:.55}.ch "
         ".ring{fill:var(--surface);stroke:var(--fg);stroke-width:2}.ch "
         ".end{fill:var(--fg);stroke:var(--surface);stroke-width:1}"
         ".ch .shade{fill:none;stroke-linecap:round;stroke-width:4.5;stroke-opacity:.7}.ch .key{stroke-width:9}"
         ".ch .h0{stroke:var(--muted);stroke-opacity:.45}.ch .h1{stroke:var(--h1)}.ch .h2{stroke:var(--h2)}.ch .h3{stroke:var(--h3)}"
         ".ch .h4{stroke:var(--h4)}.ch .h5{stroke:var(--h5)}.ch .h6{stroke:var(--h6)}.ch .h7{stroke:var(--h7)}"
         ".ch .warn{fill:var(--alarm)}.ch .map{fill:var(--muted);fill-opacity:.05;stroke:var(--grid)}";
}

}  // namespace crisp::report
