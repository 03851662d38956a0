// The stylesheet and the script of every page.
#include "report/page.h"
#include "report/svg.h"

namespace crisp::report {
namespace {

constexpr std::string_view kLight =
    "color-scheme:light;--bg:#f5f6f8;--raised:#fff;--line:#e1e5ea;--accent:#0b62a8;--good:#0a7f5a;--warn:#"
    "955800;--bad:#b83a08;"
    "--bar:#0072b21f;";
constexpr std::string_view kDark =
    "color-scheme:dark;--bg:#101318;--raised:#1e232b;--line:#2b313b;--accent:#6db8f2;--good:#43cfa3;--warn:#"
    "e6b84f;--bad:#ff8a65;"
    "--bar:#56b4e930;";

constexpr std::string_view kStyle = R"css(
*{box-sizing:border-box}
html{scroll-behavior:smooth;scroll-padding-top:1.25rem;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--bg);color:var(--fg);font:16px/1.55 system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif;overflow-wrap:anywhere}
.wide{max-width:1240px;margin:0 auto;padding:0 1.5rem}
.skip{position:absolute;left:-999rem}.skip:focus{left:1rem;top:1rem;background:var(--surface);padding:.5rem 1rem;z-index:9}
h1{font-size:1.9rem;line-height:1.2;letter-spacing:-.02em;margin:0}
h2{font-size:1.3rem;line-height:1.3;letter-spacing:-.01em;margin:0 0 .75rem}
h3{font-size:1.02rem;margin:1.5rem 0 .5rem}h4{font-size:.92rem;margin:0 0 .5rem}
p{margin:.5rem 0 .9rem;max-width:46rem}a{color:var(--accent)}ul{max-width:46rem;padding-left:1.2rem}
.top{background:var(--surface);border-bottom:1px solid var(--line);padding:2.25rem 0 1.75rem}
.subtitle{color:var(--muted);margin:.5rem 0 0;font-size:1.02rem}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(11rem,1fr));gap:.75rem;margin:1.5rem 0 0}
main .cards{margin:1rem 0}
.card{background:var(--bg);border:1px solid var(--line);border-radius:10px;padding:.8rem 1rem .85rem}
main .card{background:var(--surface)}
.card dt{color:var(--muted);font-size:.83rem}.card dd{margin:0}
.card .value{font-size:1.65rem;line-height:1.25;font-weight:650;letter-spacing:-.02em;font-variant-numeric:tabular-nums}
.card.good .value{color:var(--good)}.card.warn .value{color:var(--warn)}.card.bad .value{color:var(--bad)}
.about{color:var(--muted);font-size:.83rem;line-height:1.45;margin:.35rem 0 0}
.body{display:grid;grid-template-columns:11.5rem minmax(0,1fr);gap:2.5rem;padding-top:1.75rem;padding-bottom:2rem}
nav{position:sticky;top:1.5rem;align-self:start;font-size:.92rem;max-height:calc(100vh - 3rem);overflow:auto}
nav ul{list-style:none;margin:0;padding:0}
nav a{display:block;padding:.3rem .75rem;color:var(--muted);text-decoration:none;border-left:2px solid var(--line)}
nav a:hover,nav a.on{color:var(--fg);border-color:var(--accent)}nav a.on{font-weight:600}
section{margin:0 0 2.75rem}
.grid{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,25rem),1fr));gap:1rem;margin:1rem 0;align-items:start}
figure,.table,.panel{background:var(--surface);border:1px solid var(--line);border-radius:10px;padding:1rem 1.1rem;margin:0}
figure .ch{max-width:560px;margin:0 auto}
figcaption{font-weight:600;font-size:.95rem;margin-bottom:.7rem}
.table{margin:1rem 0}
.scroll{overflow:auto;max-height:34rem;margin:0 -.35rem}
table{border-collapse:collapse;width:100%;font-size:.88rem;font-variant-numeric:tabular-nums}
th,td{padding:.42rem .6rem;text-align:left;border-bottom:1px solid var(--line);vertical-align:middle}
tbody tr:last-child td{border-bottom:0}
td{max-width:28rem;overflow-wrap:break-word}td:not(.n){min-width:5.5rem}
th{position:sticky;top:0;background:var(--surface);color:var(--muted);font-weight:600;font-size:.82rem;white-space:nowrap;z-index:1}
.n{text-align:right;white-space:nowrap}
tbody tr:hover{background:var(--bg)}
td.bar{background:linear-gradient(var(--bar),var(--bar)) no-repeat left/var(--w) calc(100% - 6px)}
td.good{color:var(--good)}td.warn{color:var(--warn)}td.bad{color:var(--bad)}td.muted{color:var(--muted)}
td.good,td.warn,td.bad{font-weight:600}
th button{all:unset;cursor:pointer}th button:hover{color:var(--fg)}th button:focus-visible{outline:2px solid var(--accent);outline-offset:3px}
th[aria-sort] button{color:var(--fg)}th[aria-sort=ascending] button::after{content:" ↑"}th[aria-sort=descending] button::after{content:" ↓"}
.spark{display:block;height:20px;width:auto;max-width:none}.spark path{fill:var(--c1)}
.note{border-left:3px solid var(--accent);background:var(--surface);padding:.65rem 1rem;border-radius:0 8px 8px 0}
.note.good{border-color:var(--good)}.note.warn{border-color:var(--warn)}.note.bad{border-color:var(--bad)}
.panel{margin:1rem 0;padding:1.1rem 1.2rem}
.panel>header{display:flex;flex-wrap:wrap;gap:.25rem 1rem;justify-content:space-between;align-items:baseline}
.panel h3{margin:0}.remark{font-size:.9rem;color:var(--muted);font-variant-numeric:tabular-nums}
.panel.bad .remark{color:var(--bad);font-weight:600}.panel.warn .remark{color:var(--warn);font-weight:600}
.panel figure,.panel .table,details figure{border:0;padding:0;background:none}.panel .grid{grid-template-columns:repeat(auto-fit,minmax(min(100%,22rem),1fr));gap:1.75rem;margin-bottom:0}
.pairs{display:grid;grid-template-columns:minmax(6rem,max-content) minmax(0,1fr);gap:.25rem 1.25rem;margin:.75rem 0;font-size:.92rem}
.pairs dt{color:var(--muted)}.pairs dd{margin:0;font-variant-numeric:tabular-nums}
details{margin:.75rem 0;border:1px solid var(--line);border-radius:10px;background:var(--surface);padding:0 1.1rem}
details[open]{padding-bottom:.75rem}details .table{border:0;padding:0}
summary{cursor:pointer;padding:.65rem 0;font-weight:600;font-size:.93rem}
pre{overflow:auto;background:var(--surface);border:1px solid var(--line);border-radius:10px;padding:.8rem 1rem;font-size:.84rem;line-height:1.5}
code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace}
footer{color:var(--muted);font-size:.83rem;border-top:1px solid var(--line);padding-top:1rem;padding-bottom:2.5rem}
footer p{margin:.25rem 0;max-width:none}
.tip{position:fixed;z-index:20;max-width:22rem;padding:.4rem .65rem;border-radius:7px;background:var(--fg);color:var(--bg);font-size:.82rem;line-height:1.4;pointer-events:none;box-shadow:0 3px 12px #0005}
.theme{position:absolute;top:1rem;right:1rem;width:2.25rem;height:2.25rem;border:1px solid var(--line);border-radius:50%;background:var(--surface);color:var(--fg);font-size:1rem;line-height:1;cursor:pointer}
@media(max-width:60rem){.body{display:block;padding-top:0}
nav{top:0;z-index:5;background:var(--bg);margin:0 -1.5rem 1.25rem;padding:0 1.5rem;border-bottom:1px solid var(--line);overflow-x:auto;overscroll-behavior-x:contain}
nav ul{display:flex;white-space:nowrap}nav a{border-left:0;border-bottom:2px solid transparent;padding:.65rem .7rem}
html{scroll-padding-top:4rem}}
@media(max-width:34rem){.wide{padding:0 .75rem}nav{margin:0 -.75rem 1rem;padding:0 .25rem}body{font-size:15px}
.top{padding:1.5rem 0 1.25rem}h1{font-size:1.5rem;padding-right:2.5rem}.cards{grid-template-columns:1fr 1fr;gap:.5rem}
.card{padding:.6rem .75rem}.card .value{font-size:1.3rem}figure,.table,.panel{padding:.8rem .6rem}
}
@media print{:root{--surface:#fff!important;--bg:#fff!important}nav,.theme,.tip,.skip{display:none!important}.body{display:block}
body{font-size:10.5pt;print-color-adjust:exact;-webkit-print-color-adjust:exact}.top{padding:0 0 1rem;margin-bottom:1.5rem}.grid{grid-template-columns:1fr 1fr}.scroll{max-height:none;overflow:visible}th{position:static}
figure,.card,tr,.note{break-inside:avoid}h2,h3{break-after:avoid}}
@media(prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
)css";

// Sorting, hover texts, the light and dark switch, the current section in the navigation. All of it is
// comfort: the page says the same without it.
constexpr std::string_view kScript = R"js((function(){"use strict";
var d=document,root=d.documentElement;
function each(q,f,e){Array.prototype.forEach.call((e||d).querySelectorAll(q),f)}
function key(s){var m=/^[-+]?[\d,]*\.?\d+(?:e[-+]?\d+)?/.exec(s);return m?parseFloat(m[0].replace(/,/g,"")):NaN}
each("table",function(t){var body=t.tBodies[0];if(!body||body.rows.length<2)return;
each("th",function(th){var b=d.createElement("button");b.type="button";while(th.firstChild)b.appendChild(th.firstChild);th.appendChild(b);
b.onclick=function(){var i=th.cellIndex,numeric=th.className==="n",down=th.getAttribute("aria-sort")?th.getAttribute("aria-sort")==="ascending":numeric;
each("th[aria-sort]",function(o){o.removeAttribute("aria-sort")},t);th.setAttribute("aria-sort",down?"descending":"ascending");
var rows=Array.prototype.map.call(body.rows,function(r,n){var s=r.cells[i].textContent;return{r:r,n:n,s:s,k:key(s)}});
rows.sort(function(a,b){var c;if(numeric){if(isNaN(a.k)||isNaN(b.k))return isNaN(a.k)-isNaN(b.k)||a.n-b.n;c=a.k-b.k}else c=a.s.localeCompare(b.s,"en",{numeric:true});
return(down?-c:c)||a.n-b.n});rows.forEach(function(x){body.appendChild(x.r)})}},t)});
var tip=d.createElement("div");tip.className="tip";tip.hidden=true;d.body.appendChild(tip);
each("svg title",function(n){var p=n.parentNode;p.setAttribute("data-tip",n.textContent);p.setAttribute("aria-label",n.textContent);p.removeChild(n)});
function show(e){var t=e.target.closest?e.target.closest("[data-tip]"):null;if(!t){tip.hidden=true;return}
tip.textContent=t.getAttribute("data-tip");tip.hidden=false;var w=tip.offsetWidth,h=tip.offsetHeight,x=e.clientX+14,y=e.clientY+16;
if(x+w>innerWidth-8)x=Math.max(8,innerWidth-w-8);if(y+h>innerHeight-8)y=e.clientY-h-12;tip.style.left=x+"px";tip.style.top=y+"px"}
d.addEventListener("pointermove",show);d.addEventListener("pointerdown",show);addEventListener("scroll",function(){tip.hidden=true},true);
var dark=matchMedia("(prefers-color-scheme: dark)"),b=d.createElement("button");b.className="theme";b.type="button";b.textContent="\u25D0";
b.setAttribute("aria-label","Switch between light and dark");b.title="Light or dark";
b.onclick=function(){var now=root.getAttribute("data-theme")||(dark.matches?"dark":"light");root.setAttribute("data-theme",now==="dark"?"light":"dark")};
d.body.appendChild(b);
var links={};each("nav a",function(a){links[a.getAttribute("href").slice(1)]=a});
function mark(){var on=null;each("main>section",function(s){if(!on||s.getBoundingClientRect().top<innerHeight/3)on=s});
if(on)for(var id in links)links[id].classList.toggle("on",id===on.id)}
addEventListener("scroll",mark,{passive:true});addEventListener("resize",mark);mark();
addEventListener("beforeprint",function(){each("details",function(x){x.open=true})});
})();)js";

}  // namespace

std::string page_style() {
  std::string light(chart_colours_light()), dark(chart_colours_dark());
  light += kLight, dark += kDark;
  // On paper the page is always light; on screen it follows the reader's system unless the switch says
  // otherwise.
  std::string out = ":root{" + light +
                    "}@media screen and (prefers-color-scheme:dark){:root:not([data-theme=light]){" + dark +
                    "}}";
  out += "@media screen{:root[data-theme=dark]{" + dark + "}}";
  (out += kStyle) += chart_style();
  return out;
}

std::string_view page_script() { return kScript; }

}  // namespace crisp::report
